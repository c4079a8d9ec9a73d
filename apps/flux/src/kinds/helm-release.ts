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
  sourceOf: (object) => {
    const { chart } = object.spec;
    if (!chart) return shownSource(object);
    const { namespace } = shownSource(object);
    return { kind: 'HelmChart', namespace, name: `${object.metadata.namespace}-${object.metadata.name}` };
  },
  relatedTo: (object) => {
    const { name, namespace = '' } = object.metadata;
    if (!object.spec.chart) {
      throw new UsageError(`field 'spec.chart.spec.sourceRef.kind' for '${namespace}/${name}' not found`);
    }
    const source = shownSource(object);
    return [source, { kind: 'HelmChart', namespace: source.namespace, name: `${namespace}-${name}` }];
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
