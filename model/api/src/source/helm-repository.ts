import type { KubeObject } from '@flux/apimachinery';
import { ageColumn, defineKind, type ObjectOf, readyColumns, urlColumn } from '../kind.ts';
import {
  at,
  bool,
  duration,
  enumOf,
  formerlyRequired,
  type Infer,
  obj,
  only,
  required,
  shortDuration,
  str,
} from '../schema/schema.ts';
import { accessFrom } from '../shared/access-from.ts';
import { artifact, translateArtifact } from '../shared/artifact.ts';
import { localRef } from '../shared/references.ts';
import { conditions, lastHandledReconcileAt, observedGeneration, statusDefault } from '../shared/status.ts';

const sinceV1beta2 = ['v1', 'v1beta2'];

export const helmRepositorySpec = obj('Which Helm repository to follow, and how.', {
  url: required(
    at(
      { v1beta1: str('Address of the repository.') },
      str('Address of the repository over HTTP/S, or of a path in an OCI registry.', {
        pattern: '^(http|https|oci)://.*$',
      }),
    ),
  ),
  type: only(
    sinceV1beta2,
    enumOf("Kind of repository: with an index ('default'), or a path in an OCI registry.", ['default', 'oci']),
  ),
  interval: at(
    { v1beta1: str('How often to look for a new index.') },
    formerlyRequired(['v1beta1'], duration("How often to look for a new index; '1m' by default.")),
  ),
  timeout: at(
    { v1beta1: str('Limit of one download of the index.', { default: '60s' }) },
    shortDuration("Limit of one download of the index, and of operations on a registry; '1m' by default."),
  ),
  secretRef: localRef('Secret with username and password, or with a login of the registry.'),
  certSecretRef: only(
    sinceV1beta2,
    localRef('Secret with a certificate authority (ca.crt), a client certificate (tls.crt) and its key (tls.key).'),
  ),
  passCredentials: bool("Sends the credentials also to hosts other than that of 'url'."),
  insecure: only(sinceV1beta2, bool("Connects to the registry without TLS; only for type 'oci'.")),
  provider: only(
    sinceV1beta2,
    enumOf("Where credentials of the registry come from; only for type 'oci'.", ['generic', 'aws', 'azure', 'gcp'], {
      default: 'generic',
    }),
  ),
  suspend: bool('Stops reconciliation of this HelmRepository.'),
  accessFrom,
});

export const helmRepositoryStatus = obj(
  'What became of a HelmRepository.',
  {
    observedGeneration,
    conditions: conditions('Conditions of the HelmRepository.'),
    url: str('Address of the latest index.'),
    artifact: artifact('Index of the last successful reconciliation.'),
    lastHandledReconcileAt,
  },
  { default: statusDefault },
);

export type HelmRepositorySpec = Infer<typeof helmRepositorySpec>;
export type HelmRepositoryStatus = Infer<typeof helmRepositoryStatus>;
export type HelmRepository = ObjectOf<HelmRepositorySpec, HelmRepositoryStatus>;

/** Fetches the index of a Helm repository into an artifact, or names a place in a registry. */
export const helmRepository = defineKind<HelmRepositorySpec, HelmRepositoryStatus>({
  group: 'source.toolkit.fluxcd.io',
  kind: 'HelmRepository',
  plural: 'helmrepositories',
  shortNames: ['helmrepo'],
  categories: ['all', 'fluxcd', 'fluxcd-sources'],
  doc: 'A Helm chart repository, whose index becomes an artifact.',
  versions: [
    { name: 'v1', storage: true, columns: [urlColumn, ageColumn, ...readyColumns] },
    { name: 'v1beta2', deprecated: true, columns: [urlColumn, ageColumn, ...readyColumns] },
    { name: 'v1beta1', deprecated: true, columns: [urlColumn, ...readyColumns, ageColumn] },
  ],
  spec: helmRepositorySpec,
  status: helmRepositoryStatus,
  cli: {
    command: ['source', 'helm'],
    listCommand: ['sources', 'helm'],
    noun: 'source helm',
    title: 'HelmRepository source',
    plural: 'HelmRepository sources',
    verbs: ['create', 'get', 'export', 'reconcile', 'suspend', 'resume', 'delete'],
  },
  translate: translateHelmRepository,
});

/** SRC-VER-04: checksums become digests. */
function translateHelmRepository(object: KubeObject): KubeObject {
  const stored = object['status'];
  if (!stored?.artifact?.checksum) return object;
  return { ...object, status: { ...stored, artifact: translateArtifact(stored.artifact) } };
}
