import { forceAtAnnotation, type HelmRelease, helmRelease, resetAtAnnotation } from '@flux/api';
import { UsageError } from '../command/errors.ts';
import { defineKindView, formatBool, type SourceReference } from './kind-view.ts';

export const helmReleaseView = defineKindView(helmRelease, {
  columns: {
    SOURCE: (object) => {
      const { kind, namespace, name } = shownSource(object);
      return `${kind}/${namespace}/${name}`;
    },
    REVISION: revisionOf,
    SUSPENDED: ({ spec }) => formatBool(spec.suspend),
  },
  success: (object) => `applied revision ${revisionOf(object)}`,
  sourceOf: (object) => (object.spec.chart ? ownChart(object) : shownSource(object)),
  relatedTo: (object) => {
    if (!object.spec.chart) {
      const { name, namespace = '' } = object.metadata;
      throw new UsageError(`field 'spec.chart.spec.sourceRef.kind' for '${namespace}/${name}' not found`);
    }
    return [shownSource(object), ownChart(object)];
  },
  keepsDigests: true,
  requests: {
    force: { annotation: forceAtAnnotation, doc: 'force a one-off install or upgrade of the HelmRelease resource' },
    reset: { annotation: resetAtAnnotation, doc: 'reset the failure count for this HelmRelease resource' },
  },
});

/** Of the newest release, else of the last attempt (spec cli 6). */
function revisionOf({ status }: HelmRelease): string {
  return status?.history?.[0]?.chartVersion ?? status?.lastAttemptedRevision ?? '';
}

/** The repository of the chart, or the object that holds it. */
function shownSource({ spec, metadata }: HelmRelease): SourceReference {
  const { kind = '', name = '', namespace } = spec.chart?.spec.sourceRef ?? spec.chartRef ?? {};
  return { kind, name, namespace: namespace ?? metadata.namespace ?? '' };
}

/** The HelmChart that is made for the template, beside the repository (HELM-NAME-04). */
function ownChart(object: HelmRelease): SourceReference {
  const { name, namespace } = object.metadata;
  return { kind: 'HelmChart', namespace: shownSource(object).namespace, name: `${namespace}-${name}` };
}
