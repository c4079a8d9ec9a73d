import { messageOf } from '@flux/errors';
import { formatDuration } from '@flux/gotypes';
import { emit } from '../events.ts';
import { explainFailure } from '../explain-failure.ts';
import { inventoryOfRelease } from '../manifest/inventory.ts';
import { messages } from '../messages.ts';
import { fullReleaseNameOf, releaseNamespaceOf } from '../names.ts';
import type { ReleaseAction } from '../policy.ts';
import type { Session } from '../session.ts';
import { clearFailures, countFailure } from '../status/failures.ts';
import { isTested, recordRelease } from '../status/history.ts';
import { ready, released, testSuccess } from '../status/summary.ts';
import type { ActionOutcome } from './outcome.ts';

/**
 * Runs an install or upgrade and brings into the status what became of it: duration, history, inventory, conditions, counters
 * and the event (HELM-FLOW-14, HELM-STAT-02, HELM-REL-08).
 */
export async function runRelease(
  session: Session,
  action: ReleaseAction,
  work: () => Promise<unknown>,
): Promise<ActionOutcome> {
  const { run } = session;
  const startedAt = run.now();
  let failure: { error: unknown } | undefined;
  try {
    await work();
  } catch (error) {
    failure = { error };
  }
  run.object.status ??= {};
  run.object.status.lastAttemptedReleaseActionDuration = formatDuration(run.now().getTime() - startedAt.getTime());
  await takeOverWrites(session, action);
  if (run.signal.aborted) throw run.signal.reason;
  if (!failure) {
    succeed(session, action);
    return {};
  }
  if (session.interrupt?.aborted) return cancel(session);
  return fail(session, action, failure.error);
}

/** History and inventory follow what was written to storage. */
async function takeOverWrites(session: Session, action: ReleaseAction): Promise<void> {
  const { run, written, attempt } = session;
  const [newest] = written;
  if (!newest) return;
  const snapshots = await Promise.all(
    written.map((release) => session.snapshot(release, release === newest ? attempt.revisionDigest : undefined)),
  );
  run.object.status ??= {};
  run.object.status.history = recordRelease(run.object.status.history ?? [], snapshots, action);
  await refreshInventory(session);
}

/** HELM-STAT-06: nothing depends on it, so it fails nothing. */
export async function refreshInventory(session: Session): Promise<void> {
  const { run, written, target, chart } = session;
  const [newest] = written;
  if (!newest) return;
  try {
    const { inventory, problems } = await inventoryOfRelease(target.cluster, newest, chart);
    run.object.status = { ...run.object.status, inventory };
    if (problems.length > 0)
      emit(run, { type: 'Warning', reason: 'NamespaceCheckSkipped', message: problems.join('; ') });
  } catch (error) {
    const message = `failed to build inventory for ${newest.namespace}/${newest.name}: ${messageOf(error)}`;
    emit(run, { type: 'Warning', reason: 'InventoryBuildFailed', message });
  }
}

const reasons = {
  install: { succeeded: 'InstallSucceeded', failed: 'InstallFailed' },
  upgrade: { succeeded: 'UpgradeSucceeded', failed: 'UpgradeFailed' },
} as const;

function succeed(session: Session, action: ReleaseAction): void {
  const { run, latest, policy } = session;
  if (!latest) return;
  const { conditions, object } = run;
  const message = messages.succeeded(action, latest);
  const reason = reasons[action].succeeded;
  conditions.set({ type: released, status: 'True', reason, message });
  if (object.spec.test?.enable && !isTested(latest)) {
    const awaiting = messages.awaitingTests(latest);
    conditions.set({ type: testSuccess, status: 'Unknown', reason: 'AwaitingTests', message: awaiting });
  }
  if (policy.retry) clearFailures(object);
  emit(run, { type: 'Normal', reason, message, about: latest });
  session.summarize();
}

async function fail(session: Session, action: ReleaseAction, error: unknown): Promise<ActionOutcome> {
  const { run, written, chart, attempt } = session;
  const { object, conditions } = run;
  const release = `${releaseNamespaceOf(object)}/${fullReleaseNameOf(object)}`;
  const { name, version, appVersion } = chart.metadata;
  const text = messages.releaseFailed(action, release, `${name}@${version}`, messageOf(error));
  const message = text + (await explainFailure(session, error));
  const reason = reasons[action].failed;
  conditions.set({ type: released, status: 'False', reason, message });
  const about = {
    chartVersion: version,
    configDigest: attempt.configDigest,
    appVersion,
    ociDigest: attempt.revisionDigest,
  };
  emit(run, { type: 'Warning', reason, message: message + session.logText, about });
  countFailure(object, action, written.length > 0);
  session.summarize();
  return written.length > 0 ? {} : { error };
}

/** HELM-ACT-10. The attempt does not count: what follows is another one. */
function cancel(session: Session): ActionOutcome {
  const { run, interrupt } = session;
  const { conditions } = run;
  const reason = interrupt?.reason instanceof Error ? interrupt.reason.message : 'New reconciliation triggered';
  const message = `Health checks canceled due to ${reason.replace(/^New/, 'new')}`;
  conditions.set({ type: released, status: 'False', reason: 'HealthCheckCanceled', message });
  conditions.set({ type: ready, status: 'False', reason: 'HealthCheckCanceled', message: reason });
  emit(run, { type: 'Normal', reason: 'HealthCheckCanceled', message });
  return { isCanceled: true };
}
