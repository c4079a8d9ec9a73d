import { at, duration, enumOf, map, obj, only, required, str } from '../schema/schema.ts';
import { chartFields, chartSourceKind } from '../shared/chart.ts';
import { localRef } from '../shared/references.ts';

const beforeV2 = ['v2beta2', 'v2beta1'];
const sinceV2beta2 = ['v2', 'v2beta2'];

const sourceRef = obj('The source of the chart.', {
  apiVersion: str('API version of the source.'),
  kind: required(chartSourceKind),
  name: required(str('Name of the source.', { minLength: 1, maxLength: 253 })),
  namespace: str('Namespace of the source; of the HelmRelease by default.', { minLength: 1, maxLength: 63 }),
});

const verify = obj('How the signature of the chart in a registry is verified.', {
  provider: required(
    at(
      { v2beta1: enumOf('Technology of the signature.', ['cosign'], { default: 'cosign' }) },
      enumOf('Technology of the signature.', ['cosign', 'notation'], { default: 'cosign' }),
    ),
  ),
  secretRef: localRef('Secret with the trusted public keys.'),
});

const spec = obj('Spec of the HelmChart.', {
  chart: required(
    at(
      { v2beta1: str('Name of the chart in a HelmRepository, or its path in another source.') },
      str('Name of the chart in a HelmRepository, or its path in another source.', { minLength: 1, maxLength: 2048 }),
    ),
  ),
  version: chartFields.version,
  sourceRef: required(sourceRef),
  interval: duration('How often to look for a new chart; the interval of the HelmRelease by default.'),
  reconcileStrategy: chartFields.reconcileStrategy,
  valuesFiles: chartFields.valuesFiles,
  valuesFile: only(beforeV2, chartFields.valuesFile),
  ignoreMissingValuesFiles: only(sinceV2beta2, chartFields.ignoreMissingValuesFiles),
  verify,
});

/** The HelmChart that a HelmRelease makes for itself. */
export const chartTemplate = obj('The HelmChart that is made for this HelmRelease.', {
  metadata: obj('Labels and annotations of the HelmChart.', {
    labels: map('Labels.', str('Value.')),
    annotations: map('Annotations.', str('Value.')),
  }),
  spec: required(spec),
});

export const chartRef = obj('An existing object that holds the chart.', {
  apiVersion: str('API version of the object.'),
  kind: required(
    at(
      {
        v2beta2: enumOf('Kind of the object.', ['OCIRepository', 'HelmChart']),
        v2beta1: enumOf('Kind of the object.', ['OCIRepository', 'HelmChart']),
      },
      enumOf('Kind of the object.', ['OCIRepository', 'HelmChart', 'ExternalArtifact']),
    ),
  ),
  name: required(str('Name of the object.', { minLength: 1, maxLength: 253 })),
  namespace: str('Namespace of the object; of the HelmRelease by default.', { minLength: 1, maxLength: 63 }),
});
