import type { HelmReleaseSnapshot } from '@flux/api';
import { FluxError, messageOf } from '@flux/errors';
import { testRelease } from '@flux/helm';
import { emit } from '../events.ts';
import { explainFailure } from '../explain-failure.ts';
import { formatRelease, messages } from '../messages.ts';
import { timeoutMsOf } from '../policy.ts';
import type { Session } from '../session.ts';
import { countFailure } from '../status/failures.ts';
import { isTested, recordRefresh, targets } from '../status/history.ts';
import { testHooksOf } from '../status/snapshot.ts';
import { testSuccess } from '../status/summary.ts';
import type { ActionOutcome } from './outcome.ts';

/** Somebody made another revision while the tests ran. */
class TestedReleaseError extends FluxError {
  override readonly code = 'HELM_TESTED_RELEASE';
}

/** Runs the tests of the latest revision (HELM-REL-07). */
export async function test(session: Session): Promise<ActionOutcome> {
  const { run, latest } = session;
  if (!latest) return {};
  const { object } = run;
  const { filters = [] } = object.spec.test ?? {};
  let error: unknown;
  try {
    await testRelease(session.context(), {
      name: latest.name,
      timeoutMs: timeoutMsOf(object, 'test'),
      filters,
    });
  } catch (failure) {
    error = failure;
  }
  const mismatch = await takeOverResults(session, latest);
  if (run.signal.aborted) throw run.signal.reason;
  const problem = mismatch ?? error;
  return problem === undefined ? succeed(session) : fail(session, problem);
}

/** Only results of the revision that is recorded as the latest count. */
async function takeOverResults(session: Session, latest: HelmReleaseSnapshot): Promise<Error | undefined> {
  const { run, written } = session;
  const [newest] = written;
  if (!newest) return undefined;
  if (!targets(newest, latest)) {
    return new TestedReleaseError(
      `release mismatch: tested release ${formatRelease(newest)} != current release ${formatRelease(latest)}`,
    );
  }
  const snapshot = { ...(await session.snapshot(newest, latest.ociDigest)), testHooks: testHooksOf(newest) };
  run.object.status = { ...run.object.status, history: recordRefresh(run.object.status?.history ?? [], snapshot) };
  return undefined;
}

function succeed(session: Session): ActionOutcome {
  const { run, latest } = session;
  if (!latest) return {};
  const hooks = Object.values(latest.testHooks ?? {}).filter(({ phase }) => phase).length;
  const message = messages.tested(latest, hooks);
  run.conditions.set({ type: testSuccess, status: 'True', reason: 'TestSucceeded', message });
  emit(run, { type: 'Normal', reason: 'TestSucceeded', message, about: latest });
  session.summarize();
  return {};
}

async function fail(session: Session, error: unknown): Promise<ActionOutcome> {
  const { run, latest, policy, ignoresTestFailures } = session;
  if (!latest) return { error };
  const { object } = run;
  const message = messages.testFailed(latest, messageOf(error)) + (await explainFailure(session, error));
  run.conditions.set({ type: testSuccess, status: 'False', reason: 'TestFailed', message });
  emit(run, { type: 'Warning', reason: 'TestFailed', message, about: latest });
  const action = object.status?.lastAttemptedReleaseAction;
  const usesRetry = isTested(latest) && policy.remediation !== undefined && !ignoresTestFailures;
  countFailure(object, action === 'install' || action === 'upgrade' ? action : undefined, usesRetry);
  session.summarize();
  return isTested(latest) ? {} : { error };
}
