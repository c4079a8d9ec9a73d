import type { HelmRelease } from '@flux/api';
import { FluxError } from '@flux/errors';
import type { Chart, Release } from '@flux/helm';
import type { FailurePolicy } from '../policy.ts';
import { hasTestInPhase, isTested, latestOf } from '../status/history.ts';
import { verifySnapshot } from '../status/snapshot.ts';
import type { SpecDigests } from '../status/spec-digests.ts';

/** How a release stands to what is wanted (HELM-STATE). */
export type ReleaseState<Drift = unknown> =
  | { readonly type: 'Drifted'; readonly drift: Drift }
  | {
      readonly type: 'Absent' | 'Locked' | 'Unmanaged' | 'Failed' | 'OutOfSync' | 'Untested' | 'InSync';
      readonly reason: string;
    };

export interface StateInput<Drift> {
  object: HelmRelease;
  /** The highest revision in storage, whatever its status. */
  last: Release | undefined;
  chart: Pick<Chart['metadata'], 'name' | 'version'>;
  configDigest: string;
  specDigests: SpecDigests;
  policy: FailurePolicy;
  ignoresTestFailures: boolean;
  /** Asked last; undefined when nothing has drifted. */
  findDrift?: () => Promise<Drift | undefined>;
}

/** Storage holds a release in a state from which nothing follows. */
export class ReleaseStateError extends FluxError {
  override readonly code = 'RELEASE_STATE';
}

/** What a killed action leaves behind. Flux knows no way on from `uninstalling`, so that a killed uninstall is stuck there. */
const pending = new Set(['pending-install', 'pending-upgrade', 'pending-rollback', 'uninstalling']);

/** The rules of HELM-STATE in their order. */
export async function determineState<Drift>(input: StateInput<Drift>): Promise<ReleaseState<Drift>> {
  const { last, object } = input;
  if (!last) return { type: 'Absent', reason: 'no release in storage for object' };
  const { status } = last.info;
  if (pending.has(status)) return { type: 'Locked', reason: `release with status '${status}'` };
  const snapshot = latestOf(object.status?.history);
  if (!snapshot) {
    if (status === 'uninstalled') return { type: 'Absent', reason: 'found uninstalled release in storage' };
    return { type: 'Unmanaged', reason: 'found existing release in storage' };
  }
  const verification = await verifySnapshot(snapshot, last);
  if (verification === 'changed') return { type: 'Unmanaged', reason: 'release not observed to be made for object' };
  if (verification === 'unreadable') return { type: 'Unmanaged', reason: 'release digest verification error' };
  if (status === 'failed') return { type: 'Failed', reason: 'release is in a failed state' };
  if (status === 'uninstalled') return { type: 'Absent', reason: 'found uninstalled release in storage' };
  if (status !== 'deployed') {
    throw new ReleaseStateError(`unable to determine state for release with status '${status}'`);
  }
  return (await deployedState(input, last)) ?? { type: 'InSync', reason: '' };
}

async function deployedState<Drift>(input: StateInput<Drift>, last: Release): Promise<ReleaseState<Drift> | undefined> {
  const reason = outOfSyncReason(input, last);
  if (reason) return { type: 'OutOfSync', reason };
  const untested = testState(input);
  if (untested) return untested;
  const drift = await input.findDrift?.();
  return drift === undefined ? undefined : { type: 'Drifted', drift };
}

function outOfSyncReason(input: StateInput<unknown>, last: Release): string | undefined {
  const { object, chart, configDigest, specDigests } = input;
  const { metadata } = last.chart;
  if (metadata.name !== chart.name || metadata.version !== chart.version) return 'release chart changed';
  if (latestOf(object.status?.history)?.configDigest !== configDigest) return 'release config values changed';
  const { observedGeneration, observedPostRenderersDigest, observedCommonMetadataDigest } = object.status ?? {};
  if (observedGeneration === object.metadata.generation) return undefined;
  if ((observedPostRenderersDigest ?? '') !== (specDigests.postRenderers ?? ''))
    return 'postrenderers digest has changed';
  const isSame = (observedCommonMetadataDigest ?? '') === (specDigests.commonMetadata ?? '');
  return isSame ? undefined : 'common metadata digest has changed';
}

function testState({ object, policy, ignoresTestFailures }: StateInput<unknown>): ReleaseState<never> | undefined {
  if (!object.spec.test?.enable) return undefined;
  const snapshot = latestOf(object.status?.history);
  if (!snapshot || !isTested(snapshot)) return { type: 'Untested', reason: 'release has not been tested' };
  if (policy.remediation && !ignoresTestFailures && hasTestInPhase(snapshot, 'Failed')) {
    return { type: 'Failed', reason: 'release has test in failed phase' };
  }
  return undefined;
}
