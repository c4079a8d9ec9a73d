import { messageOf } from '@flux/errors';
import { rollbackRelease } from '@flux/helm';
import { emit } from '../events.ts';
import { messages } from '../messages.ts';
import { maxHistoryOf } from '../policy.ts';
import type { Session } from '../session.ts';
import { countFailure } from '../status/failures.ts';
import { previousOf, recordRemediation } from '../status/history.ts';
import { remediated } from '../status/summary.ts';
import type { ActionOutcome } from './outcome.ts';
import { commonOptions, serverSideApplyOf } from './release-options.ts';
import { refreshInventory } from './run-release.ts';

/** Goes back to the last good revision after a failed upgrade (HELM-REL-04). */
export async function rollback(session: Session): Promise<ActionOutcome> {
  const { run, ignoresTestFailures, attempt } = session;
  const { object, conditions } = run;
  const target = previousOf(object.status?.history, ignoresTestFailures);
  if (!target) return { error: new Error('missing target release for rollback') };
  const options = object.spec.rollback ?? {};
  if (options.recreate) run.log.info('spec.rollback.recreate has no effect');
  let failure: { error: unknown } | undefined;
  try {
    await rollbackRelease(session.context(), {
      ...commonOptions(session, 'rollback'),
      version: target.version,
      serverSideApply: serverSideApplyOf(options.serverSideApply),
      force: options.force ?? false,
      cleanupOnFail: options.cleanupOnFail ?? false,
      maxHistory: maxHistoryOf(object),
    });
  } catch (error) {
    failure = { error };
  }
  const snapshots = await Promise.all(
    session.written.toReversed().map((release) => session.snapshot(release, target.ociDigest)),
  );
  object.status = { ...object.status, history: recordRemediation(object.status?.history ?? [], snapshots, 'rollback') };
  await refreshInventory(session);
  if (run.signal.aborted) throw run.signal.reason;
  const about = { ...target, configDigest: attempt.configDigest };
  if (!failure) {
    const message = messages.rolledBack(target);
    conditions.set({ type: remediated, status: 'True', reason: 'RollbackSucceeded', message });
    emit(run, { type: 'Normal', reason: 'RollbackSucceeded', message, about });
    session.summarize();
    return {};
  }
  const message = messages.rollbackFailed(target, messageOf(failure.error));
  countFailure(object, undefined, false);
  conditions.set({ type: remediated, status: 'False', reason: 'RollbackFailed', message });
  emit(run, { type: 'Warning', reason: 'RollbackFailed', message: message + session.logText, about });
  session.summarize();
  return session.written.length > 0 ? {} : { error: failure.error };
}
