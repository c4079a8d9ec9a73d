import type { HelmRelease } from '@flux/api';
import { FluxError, messageOf } from '@flux/errors';
import { formatDuration } from '@flux/gotypes';
import type { Release, ReleaseStorage } from '@flux/helm';
import { type Action, awaitChange, requeueAfter, requeueNow } from '@flux/runtime';
import { correctClusterDrift, reportDrift } from './actions/correct-cluster-drift.ts';
import { install } from './actions/install.ts';
import type { ActionOutcome } from './actions/outcome.ts';
import { rollback } from './actions/rollback.ts';
import { test } from './actions/test.ts';
import { remediateByUninstall } from './actions/uninstall.ts';
import { unlock } from './actions/unlock.ts';
import { upgrade } from './actions/upgrade.ts';
import { findDrift, type ObjectDrift } from './drift/find-drift.ts';
import { messages } from './messages.ts';
import { intervalMsOf, policyOf, timeoutMsOf } from './policy.ts';
import { takeForceRequest } from './requests.ts';
import type { Session } from './session.ts';
import { markOf, type ObjectMark } from './settled-releases.ts';
import {
  type ActionName,
  type ActionType,
  afterRepetition,
  type NextStep,
  nextStep,
  typeOfAction,
} from './state/next-step.ts';
import { determineState, type ReleaseState, ReleaseStateError } from './state/release-state.ts';
import { isSettled, settleRelease } from './state/settled.ts';
import { previousOf, truncate } from './status/history.ts';
import { verifySnapshot } from './status/snapshot.ts';
import { drifted, ready, reconciling, released, remediated, stalled, testSuccess } from './status/summary.ts';
import { preReleaseError } from './steps/pre-release-error.ts';

type State = ReleaseState<readonly ObjectDrift[]>;

/** An action failed and is tried again with back-off; conditions and events tell of it already. */
class ActionError extends FluxError {
  override readonly code = 'HELM_ACTION';
}

/**
 * Brings the release to what is wanted, one action at a time, each followed by a fresh look at the state. Each type of action
 * runs once in a pass (HELM-STATE, HELM-ACT). What an action changed is in the status before the next one starts.
 */
export async function releaseLoop(session: Session): Promise<Action> {
  const { run } = session;
  const ran = new Set<ActionType>();
  for (let isFirst = true; ; isFirst = false) {
    run.signal.throwIfAborted();
    const state: State = isFirst && isSettled(session) ? untouched : await findState(session, ran);
    const step = await chooseStep(session, state, isFirst && takeForceRequest(run.object));
    if (step.type === 'done') return finish(session, state);
    if (step.type !== 'run') return stall(session, step);
    const type = typeOfAction[step.action];
    if (state.type === 'Drifted') reportDrift(session, state.drift);
    if (ran.has(type)) return stopBefore(session);
    if (step.forgetsHistory) delete run.object.status?.history;
    // what an action did must be known before the next one
    if (ran.size > 0) await run.patch();
    await announce(session, step.action);
    const { error, isCanceled } = await perform(session, step.action, state);
    if (isCanceled) return requeueNow();
    if (error !== undefined) return await retryOrThrow(session, error);
    ran.add(type);
    const end = type === 'remediate' ? afterRemediation(session, step.action) : undefined;
    if (end) return end;
  }
}

const untouched: State = { type: 'InSync', reason: 'nothing was touched' };

async function findState(session: Session, ran: ReadonlySet<ActionType>): Promise<State> {
  const { run, storage, name, chart, attempt, specDigests } = session;
  const { object } = run;
  const comparesObjects = (object.spec.driftDetection?.mode ?? 'disabled') !== 'disabled';
  const objects: ObjectMark[] = [];
  try {
    const last = await lastRelease(storage, name);
    const isCompared = last !== undefined && comparesObjects && !isFresh(last, ran);
    const state = await determineState<readonly ObjectDrift[]>({
      object,
      last,
      chart: chart.metadata,
      configDigest: attempt.configDigest,
      specDigests,
      policy: session.policy,
      ignoresTestFailures: session.ignoresTestFailures,
      ...(isCompared ? { findDrift: () => compareObjects(session, last, objects) } : {}),
    });
    if (state.type === 'InSync' && isCompared === comparesObjects) await settleRelease(session, objects);
    return state;
  } catch (cause) {
    run.signal.throwIfAborted();
    throw preReleaseError('StateError', `Could not determine release state: ${messageOf(cause)}`, { cause });
  }
}

/** Undefined when nothing has drifted; then `marks` tells how the objects were. */
async function compareObjects(
  { run, target }: Session,
  release: Release,
  marks: ObjectMark[],
): Promise<readonly ObjectDrift[] | undefined> {
  const { object, deps, signal, log } = run;
  const drift = await findDrift({
    object,
    release,
    cluster: target.cluster,
    memory: deps.memory,
    overrideManagers: deps.settings.overrideManagers,
    signal,
    onUnchanged: (ref, live) => void marks.push(markOf(ref, live)),
    log: (message, fields) => log.info(message, fields),
  });
  return drift.length > 0 ? drift : undefined;
}

/** Nothing can have drifted from what has just been applied, field by field. The next pass looks. */
function isFresh({ apply_method }: Release, ran: ReadonlySet<ActionType>): boolean {
  return apply_method === 'ssa' && (ran.has('release') || ran.has('remediate'));
}

async function lastRelease(storage: ReleaseStorage, name: string): Promise<Release | undefined> {
  try {
    return await storage.last(name);
  } catch (cause) {
    const message = `failed to retrieve last release from storage: ${messageOf(cause)}`;
    throw new ReleaseStateError(message, { cause });
  }
}

async function chooseStep(session: Session, state: State, isForced: boolean): Promise<NextStep> {
  const { object, deps } = session.run;
  return nextStep({
    state,
    install: policyOf(object, 'install', deps.settings),
    upgrade: policyOf(object, 'upgrade', deps.settings),
    active: session.policy,
    isForced,
    correctsDrift: object.spec.driftDetection?.mode === 'enabled',
    findRollbackTarget: () => findRollbackTarget(session),
  });
}

async function findRollbackTarget(session: Session): Promise<'none' | 'changed' | 'there'> {
  const { storage, run } = session;
  run.object.status ??= {};
  run.object.status.history = truncate(run.object.status.history ?? [], session.ignoresTestFailures);
  const previous = previousOf(run.object.status.history, session.ignoresTestFailures);
  if (!previous) return 'none';
  const stored = (await storage.history(previous.name)).find(({ version }) => version === previous.version);
  return stored && (await verifySnapshot(previous, stored)) === 'same' ? 'there' : 'changed';
}

/** HELM-ACT-02. */
async function announce({ run }: Session, action: ActionName): Promise<void> {
  const timeoutMs = timeoutMsOf(
    run.object,
    action === 'unlock' || action === 'correct cluster drift' ? undefined : action,
  );
  const message = `Running '${action}' action with timeout of ${formatDuration(timeoutMs)}`;
  if (typeOfAction[action] === 'release') {
    run.conditions.set({ type: ready, status: 'Unknown', reason: 'Progressing', message });
  }
  await run.progress(message);
}

async function perform(session: Session, action: ActionName, state: State): Promise<ActionOutcome> {
  session.begin();
  switch (action) {
    case 'install':
      return install(session);
    case 'upgrade':
      return upgrade(session);
    case 'rollback':
      return rollback(session);
    case 'uninstall':
      return remediateByUninstall(session);
    case 'test':
      return test(session);
    case 'unlock':
      return unlock(session);
    case 'correct cluster drift':
      return correctClusterDrift(session, state.type === 'Drifted' ? state.drift : []);
  }
}

async function retryOrThrow(session: Session, error: unknown): Promise<Action> {
  const { retry } = session.policy;
  if (!retry) throw new ActionError(messageOf(error), { cause: error });
  return retryLater(session, retry.intervalMs);
}

function retryLater({ run }: Session, intervalMs: number): Action {
  const message = `retrying after ${formatDuration(intervalMs)}`;
  run.conditions.set({ type: reconciling, status: 'True', reason: 'ProgressingWithRetry', message });
  return requeueAfter(intervalMs);
}

function again({ run }: Session): Action {
  const message = run.conditions.get(ready)?.message ?? '';
  run.conditions.set({ type: reconciling, status: 'True', reason: 'ProgressingWithRetry', message });
  return requeueNow();
}

/** HELM-ACT-03. */
function stopBefore(session: Session): Action {
  const { policy, run } = session;
  if (policy.retry) return retryLater(session, policy.retry.intervalMs);
  if (afterRepetition(policy) === 'again') return again(session);
  run.conditions.delete(reconciling);
  return requeueAfter(intervalMsOf(run.object));
}

/** HELM-ACT-04: undefined goes on, with a fresh install after an uninstall in place of a rollback. */
function afterRemediation(session: Session, action: ActionName): Action | undefined {
  const { policy, run } = session;
  if (policy.retry) return retryLater(session, policy.retry.intervalMs);
  if (afterRepetition(policy) === 'again') return again(session);
  const isReinstall = run.object.status?.lastAttemptedReleaseAction === 'upgrade' && action === 'uninstall';
  return isReinstall ? undefined : stall(session, { type: 'retriesExceeded' });
}

/** Nothing more happens by itself; the message names the way out (HELM-ACT-05). */
function stall(session: Session, step: { type: 'retriesExceeded' | 'noRollbackTarget' }): Action {
  const { run, policy } = session;
  const { object, conditions } = run;
  restoreReady(session);
  const wayOut = formatWayOut(object);
  if (step.type === 'noRollbackTarget') {
    const problem = 'missing target release for rollback: cannot remediate failed release';
    const message = `Failed to perform remediation: ${problem}${wayOut}`;
    conditions.set({ type: stalled, status: 'True', reason: 'MissingRollbackTarget', message });
  } else {
    const { lastAttemptedReleaseAction = 'install' } = object.status ?? {};
    const message = `Failed to ${lastAttemptedReleaseAction} after ${policy.remediation?.failures ?? 0} attempt(s)${wayOut}`;
    conditions.set({ type: stalled, status: 'True', reason: 'RetriesExceeded', message });
  }
  return awaitChange();
}

/** What failed before the pass came to the release is over: Ready tells again of what holds the release up. */
function restoreReady(session: Session): void {
  const { conditions } = session.run;
  const reason = conditions.get(ready)?.reason;
  if ([remediated, testSuccess, released].some((type) => conditions.get(type)?.reason === reason)) return;
  const failure = conditions.get(released);
  const isUninstalled = conditions.get(remediated)?.reason.startsWith('Uninstall');
  if (isUninstalled && failure)
    conditions.set({ ...failure, type: ready }); // as the remediation left it (HELM-REL-06)
  else session.summarize();
}

/** On a line of its own, so that Flux's text stays what it is. */
function formatWayOut({ metadata }: HelmRelease): string {
  const command = `flux reconcile helmrelease ${metadata.name} --namespace ${metadata.namespace} --reset`;
  return `\nWay out: change chart, values or spec, or run '${command}'`;
}

function finish(session: Session, state: State): Action {
  const { run } = session;
  const { object, conditions } = run;
  if (state.type === 'Drifted') reportDrift(session, state.drift);
  if (state.type === 'InSync') settle(session);
  conditions.delete(reconciling);
  session.summarize();
  return requeueAfter(intervalMsOf(object));
}

/** The row of HELM-ACT for a release that is as wanted. */
function settle(session: Session): void {
  const { object, conditions } = session.run;
  object.status ??= {};
  object.status.history = truncate(object.status.history ?? [], session.ignoresTestFailures);
  const { latest } = session;
  if (latest) restoreReleased(session, latest);
  if ((object.spec.driftDetection?.mode ?? 'disabled') === 'disabled') {
    conditions.delete(drifted);
    return;
  }
  const message = 'No drift detected against the cluster state';
  conditions.set({ type: drifted, status: 'False', reason: 'NoDriftDetected', message });
}

/** Failures that have passed leave no trace in conditions. */
function restoreReleased(session: Session, latest: NonNullable<Session['latest']>): void {
  const { conditions } = session.run;
  const isRemediated = conditions.get(remediated) !== undefined;
  conditions.delete(remediated);
  if (!isRemediated && conditions.isTrue(released)) return;
  const isInstall = !isRemediated && latest.version === 1;
  const action = isInstall ? 'install' : 'upgrade';
  conditions.set({
    type: released,
    status: 'True',
    reason: isInstall ? 'InstallSucceeded' : 'UpgradeSucceeded',
    message: messages.succeeded(action, latest),
  });
}
