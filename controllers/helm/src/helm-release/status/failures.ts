import type { HelmRelease } from '@flux/api';
import type { ReleaseAction } from '../policy.ts';

/** What is about to be released. */
export interface Attempt {
  chartVersion: string;
  configDigest: string;
  /** Digest of an OCI artifact, or the whole revision (HELM-FLOW-09). */
  revisionDigest?: string;
}

/** HELM-FLOW-12. */
export function mustResetFailures(object: HelmRelease, attempt: Attempt): boolean {
  const { lastAttemptedGeneration, lastAttemptedRevision, lastAttemptedConfigDigest } = object.status ?? {};
  return (
    object.metadata.generation !== lastAttemptedGeneration ||
    attempt.chartVersion !== lastAttemptedRevision ||
    attempt.configDigest !== lastAttemptedConfigDigest
  );
}

export function clearFailures(object: HelmRelease): void {
  const { status } = object;
  if (!status) return;
  delete status.failures;
  delete status.installFailures;
  delete status.upgradeFailures;
}

/** HELM-ACT-06: one more failure; it uses up a retry when Helm's storage was changed by it. */
export function countFailure(object: HelmRelease, action: ReleaseAction | undefined, usesRetry: boolean): void {
  object.status ??= {};
  object.status.failures = (object.status.failures ?? 0) + 1;
  if (!action || !usesRetry) return;
  const field = action === 'install' ? 'installFailures' : 'upgradeFailures';
  object.status[field] = (object.status[field] ?? 0) + 1;
}

/** HELM-FLOW-14, HELM-API-05. */
export function recordAttempt(object: HelmRelease, attempt: Attempt, storageNamespace: string): void {
  object.status ??= {};
  const { status } = object;
  status.lastAttemptedGeneration = object.metadata.generation ?? 0;
  status.lastAttemptedRevision = attempt.chartVersion;
  status.lastAttemptedConfigDigest = attempt.configDigest;
  status.storageNamespace = storageNamespace;
  if (attempt.revisionDigest) status.lastAttemptedRevisionDigest = attempt.revisionDigest;
  else delete status.lastAttemptedRevisionDigest;
  delete status.lastAttemptedValuesChecksum;
  delete status.lastReleaseRevision;
}
