import type { JsonObject, KubeObject } from '@flux/apimachinery';
import { ageColumn, defineKind, type ObjectOf, readyColumns, without } from '../kind.ts';
import {
  any,
  at,
  bool,
  duration,
  enumOf,
  formerlyRequired,
  type Infer,
  int,
  list,
  obj,
  only,
  required,
  str,
} from '../schema/schema.ts';
import { moveValuesFile } from '../shared/chart.ts';
import { commonMetadata } from '../shared/common-metadata.ts';
import { dependencyOn } from '../shared/dependency.ts';
import { healthCheckExpr } from '../shared/health-check-expr.ts';
import { kubeConfig, kubeConfigSecretRef } from '../shared/kube-config.ts';
import { ignoreRule, images, patches, patchesJson6902, patchesStrategicMerge } from '../shared/patches.ts';
import { install, rollback, test, uninstall, upgrade } from './actions.ts';
import { chartRef, chartTemplate } from './chart-template.ts';
import { helmReleaseStatus, type snapshot } from './status.ts';

const v2 = ['v2'];
const beforeV2 = ['v2beta2', 'v2beta1'];
const sinceV2beta2 = ['v2', 'v2beta2'];

const dependency = dependencyOn('HelmRelease', v2);

const driftDetection = obj('How changes of the objects in the cluster are found and handled.', {
  mode: enumOf("What a change leads to: correction, a warning, or nothing ('disabled', the default).", [
    'enabled',
    'warn',
    'disabled',
  ]),
  ignore: list('Fields that detection leaves alone.', ignoreRule),
});

const valuesReference = obj('A ConfigMap or Secret with values.', {
  kind: required(enumOf('ConfigMap or Secret.', ['Secret', 'ConfigMap'])),
  name: required(str('Name in the namespace of the HelmRelease.', { minLength: 1, maxLength: 253 })),
  valuesKey: str("Key of the values; 'values.yaml' by default.", { maxLength: 253, pattern: '^[\\-._a-zA-Z0-9]+$' }),
  targetPath: str('Path at which the text under the key is set as one value, in the notation of --set.', {
    maxLength: 250,
    pattern: '^([a-zA-Z0-9_\\-.\\\\\\/]|\\[[0-9]{1,5}\\])+$',
  }),
  optional: bool('Goes on when the object is absent.'),
  literal: only(v2, bool('Sets the text at targetPath as it is, without the syntax of --set.')),
});

const postRenderer = obj('A step that changes the rendered manifests.', {
  kustomize: obj('Changes made with kustomize.', {
    patches,
    patchesStrategicMerge: only(beforeV2, patchesStrategicMerge),
    patchesJson6902: only(beforeV2, patchesJson6902),
    images,
  }),
});

export const helmReleaseSpec = obj(
  'Which chart to release, with which values, and how.',
  {
    chart: formerlyRequired(['v2beta1'], chartTemplate),
    chartRef,
    interval: required(duration('How often to reconcile.')),
    timeout: duration("Limit of one operation on the cluster; '5m0s' by default."),
    suspend: bool('Stops reconciliation of this HelmRelease.'),
    releaseName: str('Name of the release; [<target namespace>-]<name> by default.', { minLength: 1, maxLength: 53 }),
    targetNamespace: str('Namespace of the release; of the HelmRelease by default.', { minLength: 1, maxLength: 63 }),
    storageNamespace: str('Namespace of the Helm storage; of the HelmRelease by default.', {
      minLength: 1,
      maxLength: 63,
    }),
    dependsOn: list('HelmReleases that have to be ready first.', dependency),
    maxHistory: int("Revisions that Helm keeps; 0 is without limit, '5' the default."),
    serviceAccountName: at(
      { v2beta1: str('ServiceAccount to act as.') },
      str('ServiceAccount to act as.', { minLength: 1, maxLength: 253 }),
    ),
    kubeConfig: at(
      { v2beta1: obj('The remote cluster to apply to.', { secretRef: required(kubeConfigSecretRef) }) },
      kubeConfig,
    ),
    persistentClient: bool('Keeps one client for all actions of a reconciliation; the default.'),
    driftDetection,
    install,
    upgrade,
    test,
    rollback,
    uninstall,
    valuesFrom: list('ConfigMaps and Secrets with values; later ones win.', valuesReference),
    values: any<JsonObject>('Values; they win over valuesFrom.'),
    commonMetadata: only(v2, commonMetadata),
    postRenderers: list('Steps that change the rendered manifests, in order.', postRenderer),
    postRenderStrategy: only(
      v2,
      enumOf("How hooks go through the post renderers; 'combined' by default.", ['nohooks', 'combined', 'separate']),
    ),
    waitStrategy: only(
      v2,
      obj('How readiness is awaited.', {
        name: required(enumOf("With kstatus ('poller', the default) or as Helm 3 did.", ['poller', 'legacy'])),
      }),
    ),
    healthCheckExprs: only(v2, list('How the health of custom resources is read.', healthCheckExpr)),
  },
  {
    rules: [
      {
        versions: sinceV2beta2,
        message: 'either chart or chartRef must be set',
        rule: '(has(self.chart) && !has(self.chartRef)) || (!has(self.chart) && has(self.chartRef))',
      },
    ],
  },
);

export type HelmReleaseSpec = Infer<typeof helmReleaseSpec>;
export type HelmReleaseStatus = Infer<typeof helmReleaseStatus>;
export type HelmRelease = ObjectOf<HelmReleaseSpec, HelmReleaseStatus>;
export type HelmReleaseSnapshot = Infer<typeof snapshot>;
export type HelmValuesReference = Infer<typeof valuesReference>;
export type HelmPostRenderer = Infer<typeof postRenderer>;
export type HelmReleaseDependency = Infer<typeof dependency>;

/** Installs and upgrades a Helm release of a chart. */
export const helmRelease = defineKind<HelmReleaseSpec, HelmReleaseStatus>({
  group: 'helm.toolkit.fluxcd.io',
  kind: 'HelmRelease',
  plural: 'helmreleases',
  shortNames: ['hr'],
  categories: ['all', 'fluxcd', 'fluxcd-appliers'],
  doc: 'A release of a Helm chart, installed, upgraded and kept as declared.',
  versions: [
    { name: 'v2', storage: true, columns: [ageColumn, ...readyColumns] },
    { name: 'v2beta2', deprecated: true, columns: [ageColumn, ...readyColumns] },
    { name: 'v2beta1', deprecated: true, columns: [ageColumn, ...readyColumns] },
  ],
  spec: helmReleaseSpec,
  status: helmReleaseStatus,
  cli: {
    command: ['helmrelease'],
    listCommand: ['helmreleases'],
    aliases: ['hr'],
    listAliases: ['helmrelease', 'hr'],
    noun: 'helmrelease',
    title: 'HelmRelease',
    plural: 'HelmReleases',
    verbs: ['create', 'get', 'export', 'reconcile', 'suspend', 'resume', 'delete', 'debug'],
  },
  translate: translateHelmRelease,
});

/**
 * HELM-API-03: the single values file joins the list. The older patch lists of post renderers stay, because kustomize applies
 * each list at its own point of the build.
 */
function translateHelmRelease(object: KubeObject): KubeObject {
  const { chart } = object['spec'] ?? {};
  const hasValuesFile = typeof chart?.spec === 'object' && Object.hasOwn(chart.spec, 'valuesFile');
  return {
    ...object,
    ...(hasValuesFile ? { spec: { ...object['spec'], chart: { ...chart, spec: moveValuesFile(chart.spec) } } } : {}),
    ...(object['status'] ? { status: without(object['status'], ['lastAppliedRevision']) } : {}),
  };
}
