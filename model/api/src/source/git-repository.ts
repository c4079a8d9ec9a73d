import type { KubeObject } from '@flux/apimachinery';
import { ageColumn, defineKind, type ObjectOf, readyColumns, urlColumn, without } from '../kind.ts';
import {
  at,
  bool,
  duration,
  enumOf,
  type Infer,
  list,
  obj,
  only,
  required,
  requiredIn,
  shortDuration,
  str,
} from '../schema/schema.ts';
import { accessFrom } from '../shared/access-from.ts';
import { artifact, translateArtifact } from '../shared/artifact.ts';
import { localRef } from '../shared/references.ts';
import { conditions, lastHandledReconcileAt, observedGeneration, statusDefault } from '../shared/status.ts';

const v1 = ['v1'];
const beforeV1 = ['v1beta2', 'v1beta1'];
const sinceV1beta2 = ['v1', 'v1beta2'];

const include = obj('A GitRepository whose artifact is laid into this one.', {
  repository: required(localRef('The GitRepository whose artifact is included.')),
  fromPath: str('Path to copy from; the root of the artifact by default.'),
  toPath: str('Path to copy to; the name of the included GitRepository by default.'),
});

const ref = obj("Which reference to follow; branch 'master' by default.", {
  branch: str('Branch to check out.'),
  tag: str('Tag to check out; takes precedence over branch.'),
  semver: str('Semver range of tags; takes precedence over tag.'),
  name: only(
    sinceV1beta2,
    str('Full reference name such as refs/pull/420/head; takes precedence over branch, tag and semver.'),
  ),
  commit: str(
    'Commit SHA to check out; takes precedence over all others, and is looked for in branch when both are given.',
  ),
});

const verify = obj('How the signatures of commits and tags are verified.', {
  mode: at(
    {
      v1beta2: enumOf('Which Git object is verified.', ['head']),
      v1beta1: enumOf('Which Git object is verified.', ['head']),
    },
    requiredIn(
      beforeV1,
      enumOf(
        "Which Git objects are verified; 'head' is the older spelling of HEAD.",
        ['head', 'HEAD', 'Tag', 'TagAndHEAD'],
        {
          default: 'HEAD',
        },
      ),
    ),
  ),
  secretRef: requiredIn(
    sinceV1beta2,
    localRef('Secret with the public keys of trusted authors: PGP under *.asc, SSH under *.sshpub.'),
  ),
});

export const gitRepositorySpec = obj(
  'What to fetch from a Git repository, and how.',
  {
    url: required(str('Address of the repository over HTTP/S or SSH.', { pattern: '^(http|https|ssh)://.*$' })),
    interval: required(
      at({ v1beta1: str('How often to look for changes.') }, duration('How often to look for changes.')),
    ),
    timeout: at(
      { v1beta1: str('Limit of one Git operation.', { default: '60s' }) },
      shortDuration('Limit of one Git operation.', { default: '60s' }),
    ),
    ref,
    secretRef: localRef(
      'Secret with credentials: username and password, or bearerToken, for HTTPS; identity and known_hosts for SSH.',
    ),
    provider: only(
      v1,
      enumOf("Where credentials come from; 'generic' when empty.", ['generic', 'aws', 'azure', 'github']),
    ),
    serviceAccountName: only(v1, str("ServiceAccount to authenticate as, for the providers 'azure' and 'aws'.")),
    proxySecretRef: only(v1, localRef('Secret with the proxy to use for this repository.')),
    verify,
    ignore: str('Patterns of files left out of the artifact, in the .sourceignore format; replaces the built-in ones.'),
    suspend: bool('Stops reconciliation of this GitRepository.'),
    recurseSubmodules: bool('Initialises all submodules with their default settings.'),
    include: list('GitRepositories whose artifacts are laid into this one.', include),
    sparseCheckout: only(v1, list('Directories to check out; all when empty.', str('Directory.'))),
    gitImplementation: only(
      beforeV1,
      enumOf('Git client; accepted and without effect.', ['go-git', 'libgit2'], { default: 'go-git' }),
    ),
    accessFrom: only(beforeV1, accessFrom),
  },
  {
    rules: [
      {
        versions: v1,
        message: "serviceAccountName can only be set when provider is 'azure' or 'aws'",
        rule: "!has(self.serviceAccountName) || (has(self.provider) && (self.provider == 'azure' || self.provider == 'aws'))",
      },
    ],
  },
);

export const gitRepositoryStatus = obj(
  'What became of a GitRepository.',
  {
    observedGeneration,
    conditions: conditions('Conditions of the GitRepository.'),
    artifact: artifact('Artifact of the last successful reconciliation.'),
    includedArtifacts: list(
      'Artifacts of the included GitRepositories.',
      artifact('Artifact of an included GitRepository.'),
    ),
    observedIgnore: only(sinceV1beta2, str('The ignore patterns of the current artifact.')),
    observedRecurseSubmodules: only(sinceV1beta2, bool('The submodule setting of the current artifact.')),
    observedInclude: only(sinceV1beta2, list('The includes of the current artifact.', include)),
    observedSparseCheckout: only(v1, list('The directories of the current artifact.', str('Directory.'))),
    sourceVerificationMode: only(v1, str('The verification mode last used.')),
    lastHandledReconcileAt,
    url: only(beforeV1, str('Address of the latest artifact, superseded by artifact.url.')),
    contentConfigChecksum: only(
      ['v1beta2'],
      str('Digest of the settings of the artifact, superseded by the observed fields.'),
    ),
  },
  { default: statusDefault },
);

export type GitRepositorySpec = Infer<typeof gitRepositorySpec>;
export type GitRepositoryStatus = Infer<typeof gitRepositoryStatus>;
export type GitRepository = ObjectOf<GitRepositorySpec, GitRepositoryStatus>;
export type GitRepositoryInclude = Infer<typeof include>;
export type GitReference = Infer<typeof ref>;

/** Fetches a Git reference into an artifact. */
export const gitRepository = defineKind<GitRepositorySpec, GitRepositoryStatus>({
  group: 'source.toolkit.fluxcd.io',
  kind: 'GitRepository',
  plural: 'gitrepositories',
  shortNames: ['gitrepo'],
  categories: ['all', 'fluxcd', 'fluxcd-sources'],
  doc: 'A Git repository whose content, at one reference, becomes an artifact.',
  versions: [
    { name: 'v1', storage: true, columns: [urlColumn, ageColumn, ...readyColumns] },
    { name: 'v1beta2', deprecated: true, columns: [urlColumn, ageColumn, ...readyColumns] },
    { name: 'v1beta1', deprecated: true, columns: [urlColumn, ...readyColumns, ageColumn] },
  ],
  spec: gitRepositorySpec,
  status: gitRepositoryStatus,
  cli: {
    command: ['source', 'git'],
    listCommand: ['sources', 'git'],
    noun: 'source git',
    title: 'GitRepository source',
    plural: 'GitRepository sources',
    verbs: ['create', 'get', 'export', 'reconcile', 'suspend', 'resume', 'delete'],
  },
  translate: translateGitRepository,
});

/** SRC-VER-03, SRC-VER-04: inert fields go, checksums become digests, `head` becomes `HEAD`. */
function translateGitRepository(object: KubeObject): KubeObject {
  const spec = without(object['spec'] ?? {}, ['gitImplementation', 'accessFrom']);
  const status = without(object['status'] ?? {}, ['url', 'contentConfigChecksum']);
  return {
    ...object,
    spec: spec.verify?.mode === 'head' ? { ...spec, verify: { ...spec.verify, mode: 'HEAD' } } : spec,
    ...(object['status'] ? { status: translateStatus(status) } : {}),
  };
}

function translateStatus(status: KubeObject['status']): KubeObject['status'] {
  return {
    ...status,
    ...(status.artifact ? { artifact: translateArtifact(status.artifact) } : {}),
    ...(Array.isArray(status.includedArtifacts)
      ? { includedArtifacts: status.includedArtifacts.map(translateArtifact) }
      : {}),
  };
}
