import type { KubeObject } from '@flux/apimachinery';
import { ageColumn, defineKind, type ObjectOf, readyColumns, without } from '../kind.ts';
import {
  at,
  bool,
  duration,
  enumOf,
  type Infer,
  int64,
  list,
  map,
  obj,
  only,
  required,
  str,
  time,
} from '../schema/schema.ts';
import { commonMetadata } from '../shared/common-metadata.ts';
import { dependencyOn } from '../shared/dependency.ts';
import { healthCheckExpr } from '../shared/health-check-expr.ts';
import { inventory } from '../shared/inventory.ts';
import { kubeConfig } from '../shared/kube-config.ts';
import { ignoreRule, images, type patch, patches, patchesJson6902, patchesStrategicMerge } from '../shared/patches.ts';
import { localRef } from '../shared/references.ts';
import { conditions, lastHandledReconcileAt, observedGeneration, statusDefault } from '../shared/status.ts';

const v1 = ['v1'];
const beforeV1 = ['v1beta2', 'v1beta1'];
const sinceV1beta2 = ['v1', 'v1beta2'];

const sourceRef = obj('The source whose artifact is applied.', {
  apiVersion: str('API version of the source.'),
  kind: required(
    at(
      {
        v1beta2: enumOf('Kind of the source.', ['OCIRepository', 'GitRepository', 'Bucket']),
        v1beta1: enumOf('Kind of the source.', ['GitRepository', 'Bucket']),
      },
      enumOf('Kind of the source.', ['OCIRepository', 'GitRepository', 'Bucket', 'ExternalArtifact']),
    ),
  ),
  name: required(str('Name of the source.')),
  namespace: str("Namespace of the source; the Kustomization's by default."),
});

const dependency = dependencyOn('Kustomization', v1);

const healthCheck = obj('An object whose health is awaited.', {
  apiVersion: str('API version; the preferred one of the cluster by default.'),
  kind: required(str('Kind of the object.')),
  name: required(str('Name of the object.')),
  namespace: str('Namespace of the object.'),
});

const substituteReference = obj('A ConfigMap or Secret whose data are variables.', {
  kind: required(enumOf('ConfigMap or Secret.', ['Secret', 'ConfigMap'])),
  name: required(str('Name in the namespace of the Kustomization.', { minLength: 1, maxLength: 253 })),
  optional: only(sinceV1beta2, bool('Goes on when the object is absent.', { default: false })),
});

const postBuild = obj('What happens to the manifests after the build.', {
  substituteStrategy: only(
    v1,
    enumOf('Whether to substitute when no variable is defined: WithVariables (default) does not, Always does.', [
      'WithVariables',
      'Always',
    ]),
  ),
  substitute: map('Variables and their values.', str('Value.')),
  substituteFrom: list('ConfigMaps and Secrets with more variables.', substituteReference),
});

const decryption = obj('How encrypted files are decrypted.', {
  provider: required(enumOf('Decryption engine.', ['sops'])),
  secretRef: localRef('Secret with private keys or cloud credentials.'),
  serviceAccountName: only(v1, str("ServiceAccount for cloud KMS; the Secret's credentials take priority.")),
});

function timespan(doc: string) {
  return at({ v1beta1: str(doc) }, duration(doc));
}

export const kustomizationSpec = obj('What to build from a source and how to apply it.', {
  interval: required(timespan('How often to reconcile.')),
  retryInterval: timespan('When to try again after a failure; interval by default.'),
  timeout: timespan('Limit of apply and health checks; interval less 30 seconds by default, at least 30 seconds.'),
  suspend: bool('Stops reconciliation of this Kustomization.'),
  sourceRef: required(sourceRef),
  path: str('Directory of the artifact to build; its root by default.'),
  prune: required(bool('Deletes objects that are gone from the source.')),
  deletionPolicy: only(
    v1,
    enumOf('What becomes of the applied objects when this Kustomization is deleted; MirrorPrune follows prune.', [
      'MirrorPrune',
      'Delete',
      'WaitForTermination',
      'Orphan',
    ]),
  ),
  force: bool('Recreates objects whose immutable fields change.', { default: false }),
  wait: only(sinceV1beta2, bool('Waits for the health of all applied objects; healthChecks are ignored then.')),
  healthChecks: list('Objects whose health is awaited.', healthCheck),
  healthCheckExprs: only(v1, list('How the health of custom resources is read.', healthCheckExpr)),
  dependsOn: list('Kustomizations that have to be ready first.', dependency),
  serviceAccountName: str('ServiceAccount to act as.'),
  kubeConfig: at(
    { v1beta1: obj('The remote cluster to apply to.', { secretRef: required(localRef('Secret with a kubeconfig.')) }) },
    kubeConfig,
  ),
  targetNamespace: str('Namespace to set on all objects.', { minLength: 1, maxLength: 63 }),
  namePrefix: only(v1, str('Prefix of the names of all objects.', { minLength: 1, maxLength: 200 })),
  nameSuffix: only(v1, str('Suffix of the names of all objects.', { minLength: 1, maxLength: 200 })),
  commonMetadata: only(sinceV1beta2, commonMetadata),
  patches,
  patchesStrategicMerge: only(beforeV1, patchesStrategicMerge),
  patchesJson6902: only(beforeV1, patchesJson6902),
  images,
  components: only(sinceV1beta2, list('Relative paths of kustomize components.', str('Path.'))),
  ignoreMissingComponents: only(v1, bool('Leaves out components whose path is not in the source.')),
  buildMetadata: only(
    v1,
    list(
      'Origin annotations to add to the objects.',
      enumOf('A kustomize build metadata option.', ['originAnnotations', 'transformerAnnotations']),
    ),
  ),
  postBuild,
  decryption,
  ignore: only(v1, list('Fields that drift detection and apply leave alone.', ignoreRule)),
  validation: only(
    beforeV1,
    enumOf('Accepted and without effect: the server validates.', ['none', 'client', 'server']),
  ),
});

const historyEntry = obj('What became of one set of built objects.', {
  digest: required(str('Digest of the objects as <algorithm>:<hex>.')),
  firstReconciled: required(time('When it was first applied.')),
  lastReconciled: required(time('When it was last applied.')),
  lastReconciledDuration: required(str('How long that took.')),
  lastReconciledStatus: required(str('Reason of the Ready condition after it.')),
  totalReconciliations: required(int64('How often it was applied.')),
  metadata: map('More about it, such as the revision.', str('Value.')),
});

const snapshot = obj('Kinds that were applied, superseded by inventory.', {
  checksum: required(str('Checksum of the manifests.')),
  entries: required(
    list(
      'Kinds by namespace.',
      obj('Kinds in one namespace.', {
        namespace: str('Namespace.'),
        kinds: required(map('Kinds by group and version.', str('Kind.'))),
      }),
    ),
  ),
});

export const kustomizationStatus = obj(
  'What became of a Kustomization.',
  {
    observedGeneration,
    conditions: conditions('Conditions of the Kustomization.'),
    lastAppliedRevision: str('Revision of the source that was last applied.'),
    lastAppliedOriginRevision: only(v1, str('Origin revision of the source that was last applied.')),
    lastAttemptedRevision: str('Revision of the source that was last tried.'),
    inventory: only(sinceV1beta2, inventory),
    history: only(v1, list('The last reconciliations by set of built objects.', historyEntry)),
    lastHandledReconcileAt,
    snapshot: only(['v1beta1'], snapshot),
  },
  { default: statusDefault },
);

export type KustomizationSpec = Infer<typeof kustomizationSpec>;
export type KustomizationStatus = Infer<typeof kustomizationStatus>;
export type Kustomization = ObjectOf<KustomizationSpec, KustomizationStatus>;
export type KustomizationPatch = Infer<typeof patch>;
export type KustomizationDependency = Infer<typeof dependency>;
export type KustomizationHealthCheck = Infer<typeof healthCheck>;
export type KustomizationHealthCheckExpr = Infer<typeof healthCheckExpr>;
export type KustomizationIgnoreRule = Infer<typeof ignoreRule>;
export type SubstituteReference = Infer<typeof substituteReference>;
export type Inventory = Infer<typeof inventory>;
export type HistoryEntry = Infer<typeof historyEntry>;

/** Builds an artifact with kustomize and applies the result. */
export const kustomization = defineKind<KustomizationSpec, KustomizationStatus>({
  group: 'kustomize.toolkit.fluxcd.io',
  kind: 'Kustomization',
  plural: 'kustomizations',
  shortNames: ['ks'],
  categories: ['all', 'fluxcd', 'fluxcd-appliers'],
  doc: 'A directory of manifests of a source, built with kustomize and applied to a cluster.',
  versions: [
    { name: 'v1', storage: true, columns: [ageColumn, ...readyColumns] },
    { name: 'v1beta2', deprecated: true, columns: [ageColumn, ...readyColumns] },
    { name: 'v1beta1', deprecated: true, columns: [...readyColumns, ageColumn] },
  ],
  spec: kustomizationSpec,
  status: kustomizationStatus,
  cli: {
    command: ['kustomization'],
    listCommand: ['kustomizations'],
    aliases: ['ks'],
    listAliases: ['kustomization', 'ks'],
    noun: 'kustomization',
    title: 'Kustomization',
    plural: 'Kustomizations',
    verbs: ['create', 'get', 'export', 'reconcile', 'suspend', 'resume', 'delete', 'debug'],
  },
  translate: translateKustomization,
});

/**
 * KUS-API-10, KUS-API-11: fields without effect go. The older patch lists stay, because kustomize applies each list at its
 * own point of the build (KUS-API-12).
 */
function translateKustomization(object: KubeObject): KubeObject {
  return {
    ...object,
    spec: without(object['spec'] ?? {}, ['validation']),
    ...(object['status'] ? { status: without(object['status'], ['snapshot']) } : {}),
  };
}
