import type { KubeObject } from '@flux/apimachinery';
import {
  progressingReason,
  progressingWithRetryReason,
  readyCondition,
  reconcilingCondition,
  stalledCondition,
} from './conditions.ts';
import type { Frame, Outcome } from './frame.ts';
import type { ReconcileError, Retry } from './reconcile-error.ts';
import type { ProgressOptions, Run, RunEvent } from './run.ts';

export interface ReadyFrameOptions {
  /** Default `Ready, Reconciling, Stalled`. */
  ownedConditions?: readonly string[];
  /** Text of Ready=Unknown while the work goes on. Default `Reconciliation in progress`. */
  progressMessage?: string;
}

/**
 * Steps set Ready themselves, as in kustomize-controller: `progress` makes it Unknown, `succeed` True, an error False.
 * A failed generation is not observed (KUS-FLOW-03..06).
 */
export function readyFrame(options: ReadyFrameOptions = {}): Frame {
  return {
    ownedConditions: options.ownedConditions ?? [readyCondition, reconcilingCondition, stalledCondition],
    begin: () => Promise.resolve(),
    progress(run, message, progress) {
      return setProgress(run, { message, progress, ready: options.progressMessage ?? 'Reconciliation in progress' });
    },
    succeed(run, reason, message) {
      run.conditions.set({ type: readyCondition, status: 'True', reason, message });
    },
    fail: failReady,
    close: closeReady,
  };
}

interface Progress {
  message: string;
  progress: ProgressOptions;
  ready: string;
}

function setProgress(run: Run<KubeObject>, { message, progress, ready }: Progress): boolean {
  run.conditions.set({ type: readyCondition, status: 'Unknown', reason: progressingReason, message: ready });
  run.conditions.set({ type: reconcilingCondition, status: 'True', reason: progressingReason, message });
  return progress.patch ?? true;
}

function failReady(run: Run<KubeObject>, error: ReconcileError, retry: Retry): RunEvent | undefined {
  const { reason, message } = error;
  run.conditions.set({ type: readyCondition, status: 'False', reason, message });
  if (error.conditionType) run.conditions.set({ type: error.conditionType, status: 'True', reason, message });
  if (retry === 'stalled') {
    run.conditions.set({ type: stalledCondition, status: 'True', reason, message });
    if (error.observed) observeGeneration(run.object);
  }
  return failureEvent(error, error.event ?? 'warning');
}

/** The event of a failure as its `event` option asks for. */
export function failureEvent(error: ReconcileError, kind: ReconcileError['event']): RunEvent | undefined {
  if (kind === undefined || kind === 'none') return undefined;
  return {
    type: kind === 'warning' ? 'Warning' : 'Normal',
    reason: error.reason,
    message: error.eventMessage ?? error.message,
    forward: kind !== 'trace',
    ...(error.eventMetadata ? { metadata: error.eventMetadata, replaceMetadata: true } : {}),
  };
}

function closeReady(run: Run<KubeObject>, outcome: Outcome): undefined {
  if (outcome.type === 'canceled') return;
  const { conditions, object } = run;
  if (conditions.isTrue(readyCondition)) {
    conditions.delete(reconcilingCondition);
    observeGeneration(object);
    return;
  }
  const reconciling = conditions.get(reconcilingCondition);
  if (conditions.isFalse(readyCondition) && reconciling) {
    conditions.set({ ...reconciling, reason: progressingWithRetryReason });
  }
}

export function observeGeneration(object: KubeObject): void {
  object['status'] ??= {};
  object['status'].observedGeneration = object.metadata.generation;
}
