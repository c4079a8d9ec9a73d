import type { Condition, HelmRelease } from '@flux/api';
import type { ConditionSet } from '@flux/runtime';
import type { SpecDigests } from './spec-digests.ts';

export const released = 'Released';
export const remediated = 'Remediated';
export const testSuccess = 'TestSuccess';
export const drifted = 'Drifted';
export const ready = 'Ready';
export const reconciling = 'Reconciling';
export const stalled = 'Stalled';

interface SummaryInput {
  object: HelmRelease;
  conditions: ConditionSet;
  ignoresTestFailures: boolean;
  specDigests: SpecDigests;
}

/** HELM-STAT-05: Ready from the other conditions, newest generation first, then in the order of weight. */
export function summarize({ object, conditions, ignoresTestFailures, specDigests }: SummaryInput): void {
  const isTesting = object.spec.test?.enable ?? false;
  if (!isTesting) conditions.delete(testSuccess);
  const types = [remediated, ...(isTesting && !ignoresTestFailures ? [testSuccess] : []), released];
  const source = newest(types.flatMap((type) => conditions.get(type) ?? []));
  if (source) {
    const status = source.type === remediated ? 'False' : source.status;
    if (status === 'True') conditions.delete(stalled);
    conditions.set({ type: ready, status, reason: source.reason, message: source.message });
  }
  recordSpecDigests(object, specDigests);
}

/** The first of the highest generation; conditions come in order of weight. */
function newest(conditions: readonly Condition[]): Condition | undefined {
  const generation = Math.max(...conditions.map(({ observedGeneration = 0 }) => observedGeneration));
  return conditions.find(({ observedGeneration = 0 }) => observedGeneration === generation);
}

/** HELM-POST-04. */
function recordSpecDigests(object: HelmRelease, { postRenderers, commonMetadata }: SpecDigests): void {
  object.status ??= {};
  if (postRenderers) object.status.observedPostRenderersDigest = postRenderers;
  else delete object.status.observedPostRenderersDigest;
  if (commonMetadata) object.status.observedCommonMetadataDigest = commonMetadata;
  else delete object.status.observedCommonMetadataDigest;
}
