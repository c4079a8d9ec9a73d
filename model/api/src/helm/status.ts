import { at, enumOf, int, int64, list, map, obj, only, required, str, time } from '../schema/schema.ts';
import { inventory } from '../shared/inventory.ts';
import { conditions, lastHandledReconcileAt, observedGeneration, statusDefault } from '../shared/status.ts';

const v2 = ['v2'];
const beforeV2 = ['v2beta2', 'v2beta1'];
const sinceV2beta2 = ['v2', 'v2beta2'];

const testHook = obj('What became of a test.', {
  lastStarted: time('When it was last started.'),
  lastCompleted: time('When it was last completed.'),
  phase: str('Its phase.'),
});

/** What is remembered of one revision of a release (HELM-HIST). */
export const snapshot = obj('A revision of the release.', {
  apiVersion: str('Version of this snapshot; tells ways to compute the digest apart.'),
  digest: required(str('Digest of the release in storage as <algorithm>:<hex>.')),
  name: required(str('Name of the release.')),
  namespace: required(str('Namespace of the release.')),
  version: required(int('Revision of the release.')),
  status: required(str('Status of the release.')),
  chartName: required(str('Name of the chart.')),
  chartVersion: required(str('Version of the chart.')),
  appVersion: str('Version of the application in the chart.'),
  configDigest: required(str('Digest of the values as <algorithm>:<hex>.')),
  firstDeployed: required(time('When the release was first deployed.')),
  lastDeployed: required(time('When the release was last deployed.')),
  deleted: time('When the release was deleted.'),
  testHooks: map('Tests of the release by name.', testHook),
  ociDigest: str('Digest of the OCI artifact of the chart.'),
  action: only(v2, str('Action that made this snapshot.')),
});

export const helmReleaseStatus = obj(
  'What became of a HelmRelease.',
  {
    observedGeneration,
    conditions: conditions('Conditions of the HelmRelease.'),
    helmChart: str('The HelmChart that was made, as <namespace>/<name>.'),
    storageNamespace: at(
      { v2beta1: str('Namespace of the Helm storage.') },
      str('Namespace of the Helm storage.', { minLength: 1, maxLength: 63 }),
    ),
    history: list('Revisions up to the last one that succeeded, newest first.', snapshot),
    inventory: only(v2, inventory),
    failures: int64('Failures since the last success.'),
    installFailures: int64('Failed installs since the last success.'),
    upgradeFailures: int64('Failed upgrades since the last success.'),
    lastAttemptedGeneration: int64('Generation of the spec last tried.'),
    lastAttemptedReleaseAction: at(
      { v2beta1: str('Action last tried.') },
      enumOf('Action last tried.', ['install', 'upgrade']),
    ),
    lastAttemptedReleaseActionDuration: only(v2, str('How long the action last tried took.')),
    lastAttemptedRevision: str('Version of the chart last tried.'),
    lastAttemptedRevisionDigest: only(sinceV2beta2, str('Digest of the OCI artifact last tried.')),
    lastAttemptedConfigDigest: str('Digest of the values last tried.'),
    lastAttemptedValuesChecksum: str('Checksum of the values last tried, superseded by lastAttemptedConfigDigest.'),
    lastReleaseRevision: int('Revision of the last release, superseded by history.'),
    lastAppliedRevision: only(beforeV2, str('Version of the chart last applied, superseded by history.')),
    observedPostRenderersDigest: str('Digest of the post renderers of the last success.'),
    observedCommonMetadataDigest: only(v2, str('Digest of the common metadata of the last success.')),
    lastHandledReconcileAt,
    lastHandledForceAt: str('Value of the last handled reconcile.fluxcd.io/forceAt annotation.'),
    lastHandledResetAt: str('Value of the last handled reconcile.fluxcd.io/resetAt annotation.'),
  },
  { default: statusDefault },
);
