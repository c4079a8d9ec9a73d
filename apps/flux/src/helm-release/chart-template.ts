import { type HelmRelease, helmRepository } from '@flux/api';
import type { ObjectRef } from '@flux/apimachinery';

/** `spec.chart.spec` of a HelmRelease. */
export type ChartTemplate = NonNullable<HelmRelease['spec']['chart']>['spec'];

/** The repository that the chart of a template comes from. */
export function sourceOfTemplate({ metadata }: HelmRelease, { sourceRef }: ChartTemplate): Required<ObjectRef> {
  const { kind, name, namespace = metadata.namespace ?? '' } = sourceRef;
  return { apiVersion: helmRepository.apiVersion, kind, namespace, name };
}
