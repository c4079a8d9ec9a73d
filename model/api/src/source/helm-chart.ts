import type { KubeObject } from '@flux/apimachinery';
import { ageColumn, defineKind, type ObjectOf, type PrinterColumn, readyColumns, without } from '../kind.ts';
import { at, bool, duration, enumOf, type Infer, list, obj, only, required, str } from '../schema/schema.ts';
import { accessFrom } from '../shared/access-from.ts';
import { artifact, translateArtifact } from '../shared/artifact.ts';
import { chartFields, chartSourceKind, moveValuesFile } from '../shared/chart.ts';
import { localRef } from '../shared/references.ts';
import { conditions, lastHandledReconcileAt, observedGeneration, statusDefault } from '../shared/status.ts';

const v1 = ['v1'];
const beforeV1 = ['v1beta2', 'v1beta1'];
const sinceV1beta2 = ['v1', 'v1beta2'];

const verify = obj('How the signature of the chart in a registry is verified.', {
  provider: required(enumOf('Technology of the signature.', ['cosign', 'notation'], { default: 'cosign' })),
  secretRef: localRef('Secret with the trusted public keys.'),
  matchOIDCIdentity: list(
    'Identities of keyless signatures; one has to match.',
    obj('An identity.', {
      issuer: required(str('Regular expression of the issuer.')),
      subject: required(str('Regular expression of the subject.')),
    }),
  ),
});

const sourceRef = obj('The source of the chart, in the same namespace.', {
  apiVersion: str('API version of the source.'),
  kind: required(chartSourceKind),
  name: required(str('Name of the source.')),
});

export const helmChartSpec = obj(
  'Which chart to fetch from a source, and how to package it.',
  {
    chart: required(str('Name of the chart in a HelmRepository, or its path in another source.')),
    version: chartFields.version,
    sourceRef: required(sourceRef),
    interval: required(
      at({ v1beta1: str('How often to look for a new chart.') }, duration('How often to look for a new chart.')),
    ),
    reconcileStrategy: chartFields.reconcileStrategy,
    valuesFiles: chartFields.valuesFiles,
    valuesFile: only(beforeV1, chartFields.valuesFile),
    ignoreMissingValuesFiles: only(sinceV1beta2, chartFields.ignoreMissingValuesFiles),
    suspend: bool('Stops reconciliation of this HelmChart.'),
    verify: only(sinceV1beta2, verify),
    accessFrom: only(beforeV1, accessFrom),
  },
  {
    rules: [
      {
        versions: v1,
        message: "spec.verify is only supported when spec.sourceRef.kind is 'HelmRepository'",
        rule: "!has(self.verify) || self.sourceRef.kind == 'HelmRepository'",
      },
    ],
  },
);

export const helmChartStatus = obj(
  'What became of a HelmChart.',
  {
    observedGeneration,
    conditions: conditions('Conditions of the HelmChart.'),
    url: str('Address of the latest chart.'),
    artifact: artifact('Chart of the last successful reconciliation.'),
    observedSourceArtifactRevision: only(sinceV1beta2, str('Revision of the source last looked at.')),
    observedChartName: only(sinceV1beta2, str('Name of the chart last resolved.')),
    observedValuesFiles: only(sinceV1beta2, list('Values files of the current artifact.', str('Path.'))),
    lastHandledReconcileAt,
  },
  { default: statusDefault },
);

export type HelmChartSpec = Infer<typeof helmChartSpec>;
export type HelmChartStatus = Infer<typeof helmChartStatus>;
export type HelmChart = ObjectOf<HelmChartSpec, HelmChartStatus>;

const chartColumns: readonly PrinterColumn[] = [
  { name: 'Chart', type: 'string', jsonPath: '.spec.chart' },
  { name: 'Version', type: 'string', jsonPath: '.spec.version' },
  { name: 'Source Kind', type: 'string', jsonPath: '.spec.sourceRef.kind' },
  { name: 'Source Name', type: 'string', jsonPath: '.spec.sourceRef.name' },
];

/** Fetches or packages a chart of a source into an artifact. */
export const helmChart = defineKind<HelmChartSpec, HelmChartStatus>({
  group: 'source.toolkit.fluxcd.io',
  kind: 'HelmChart',
  plural: 'helmcharts',
  shortNames: ['hc'],
  categories: ['all', 'fluxcd', 'fluxcd-sources'],
  doc: 'A Helm chart of a source, packaged into an artifact.',
  versions: [
    { name: 'v1', storage: true, columns: [...chartColumns, ageColumn, ...readyColumns] },
    { name: 'v1beta2', deprecated: true, columns: [...chartColumns, ageColumn, ...readyColumns] },
    { name: 'v1beta1', deprecated: true, columns: [...chartColumns, ...readyColumns, ageColumn] },
  ],
  spec: helmChartSpec,
  status: helmChartStatus,
  cli: {
    command: ['source', 'chart'],
    listCommand: ['sources', 'chart'],
    noun: 'source chart',
    title: 'HelmChart source',
    plural: 'HelmChart sources',
    verbs: ['create', 'get', 'export', 'reconcile', 'suspend', 'resume', 'delete'],
  },
  translate: translateHelmChart,
});

/** SRC-VER-04, SRC-VER-07: the single values file joins the list, checksums become digests. */
function translateHelmChart(object: KubeObject): KubeObject {
  const spec = moveValuesFile(without(object['spec'] ?? {}, ['accessFrom']));
  const stored = object['status'];
  return {
    ...object,
    spec,
    ...(stored?.artifact ? { status: { ...stored, artifact: translateArtifact(stored.artifact) } } : {}),
  };
}
