import type { Condition, KubeObject } from '@flux/apimachinery';
import { FluxError } from '@flux/errors';
import {
  type ConditionSet,
  progressingReason,
  progressingWithRetryReason,
  readyCondition,
  reconcilingCondition,
  stalledCondition,
} from './conditions.ts';
import type { Frame, Outcome } from './frame.ts';
import { failureEvent, observeGeneration } from './ready-frame.ts';
import type { ReconcileError, Retry } from './reconcile-error.ts';
import type { ProgressOptions, Run, RunEvent } from './run.ts';

export interface SummaryFrameOptions {
  /** Condition types that Ready is computed from, in order of priority. Stalled and Reconciling must be among them. */
  summarize: readonly string[];
  /** Those of `summarize` that are good when True: `ArtifactInStorage`, `SourceVerified`. */
  positive: readonly string[];
  /** Types whose False makes Ready False whatever the others say (SRC-CTL-14). */
  bipolar?: readonly string[];
}

/** A pass ended well although the object is not ready. */
export class NotReadyError extends FluxError {
  override readonly code = 'NOT_READY';
}

/**
 * Ready is computed at the end of a pass from the other conditions, as in source-controller: steps set `FetchFailed` and
 * the like, and errors fall into the classes of SRC-CTL-11 by their `retry`.
 */
export function summaryFrame(options: SummaryFrameOptions): Frame {
  return {
    ownedConditions: [...new Set([readyCondition, ...options.summarize])],
    begin: beginSummary,
    progress: progressSummary,
    succeed(run, reason, message) {
      run.conditions.set({ type: readyCondition, status: 'True', reason, message });
    },
    fail: failSummary,
    close: (run, outcome) => closeSummary(run, outcome, options),
  };
}

/** SRC-CTL-06 and SRC-CTL-07. */
async function beginSummary(run: Run<KubeObject>): Promise<void> {
  const { object } = run;
  const observed: unknown = object['status']?.observedGeneration;
  const generation = object.metadata.generation;
  if (generation !== (observed ?? 0)) {
    await run.progress(`processing object: new generation ${String(observed ?? 0)} -> ${generation}`);
    return;
  }
  const requestedAt = object.metadata.annotations?.['reconcile.fluxcd.io/requestedAt'];
  const isRequested = requestedAt !== undefined && requestedAt !== object['status']?.lastHandledReconcileAt;
  await run.progress('reconciliation in progress', { patch: isRequested });
}

function progressSummary(run: Run<KubeObject>, message: string, options: ProgressOptions): boolean {
  const ready = run.conditions.get(readyCondition);
  run.conditions.set({ type: reconcilingCondition, status: 'True', reason: progressingReason, message });
  if (options.drift || !ready || ready.status === 'Unknown') {
    run.conditions.set({ type: readyCondition, status: 'Unknown', reason: progressingReason, message });
  }
  return options.patch ?? true;
}

function failSummary(run: Run<KubeObject>, error: ReconcileError, retry: Retry): RunEvent | undefined {
  const { reason, message } = error;
  if (error.conditionType) run.conditions.set({ type: error.conditionType, status: 'True', reason, message });
  if (retry === 'stalled') run.conditions.set({ type: stalledCondition, status: 'True', reason, message });
  const isWaiting = typeof retry === 'object' || retry === 'ignore';
  return failureEvent(error, error.event ?? (isWaiting ? 'trace' : 'warning'));
}

/** SRC-CTL-12 from the Reconciling condition on. */
function closeSummary(run: Run<KubeObject>, outcome: Outcome, options: SummaryFrameOptions): Error | undefined {
  if (outcome.type === 'canceled') return undefined;
  const { conditions, object } = run;
  const isSuccess = isFullSuccess(outcome);
  if (isSuccess) conditions.delete(reconcilingCondition);
  const reconciling = conditions.get(reconcilingCondition);
  if (reconciling) conditions.set({ ...reconciling, reason: progressingWithRetryReason });
  if (isObserved(outcome) && conditions.all().length > 0) observeGeneration(object);
  if (!isStalling(outcome)) conditions.delete(stalledCondition);
  summarizeReady(conditions, options);
  const ready = conditions.get(readyCondition);
  if (isSuccess && ready && ready.status !== 'True') return new NotReadyError(ready.message);
  return undefined;
}

/** Success, or an ignored error, which counts as one. */
function isFullSuccess(outcome: Outcome): boolean {
  if (outcome.type === 'done') return outcome.action.type !== 'requeueNow';
  return outcome.type === 'failed' && outcome.retry === 'ignore';
}

function isStalling(outcome: Outcome): boolean {
  return outcome.type === 'failed' && outcome.retry === 'stalled';
}

function isObserved(outcome: Outcome): boolean {
  return isFullSuccess(outcome) || isStalling(outcome) || outcome.type === 'suspended';
}

/** SRC-CTL-13 and SRC-CTL-14. */
function summarizeReady(conditions: ConditionSet, options: SummaryFrameOptions): void {
  const present = options.summarize.flatMap((type) => conditions.get(type) ?? []);
  const isPositive = (condition: Condition) => options.positive.includes(condition.type);
  const failedBipolar = present.find(
    (condition) => options.bipolar?.includes(condition.type) && condition.status === 'False',
  );
  const groups: ((condition: Condition) => boolean)[] = [
    (condition) => condition.status === 'True' && !isPositive(condition),
    (condition) => condition.status === 'False' && isPositive(condition),
    (condition) => condition.status === 'True',
    (condition) => condition.status === 'False',
    () => true,
  ];
  const top = groups.map((group) => present.find(group)).find((condition) => condition !== undefined);
  const source = failedBipolar ?? top;
  if (!source) return;
  conditions.set({
    type: readyCondition,
    status: readyStatus(source, isPositive(source)),
    reason: source.reason,
    message: source.message,
  });
}

function readyStatus(source: Condition, isPositive: boolean): Condition['status'] {
  if (source.status === 'Unknown' || isPositive) return source.status;
  return source.status === 'True' ? 'False' : 'True';
}
