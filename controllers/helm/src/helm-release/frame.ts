import type { KubeObject } from '@flux/apimachinery';
import { type Frame, failureEvent, type Outcome, observeGeneration } from '@flux/runtime';
import { drifted, ready, reconciling, released, remediated, stalled, testSuccess } from './status/summary.ts';

/**
 * helm-controller's manner: actions set conditions themselves, and only what fails before them comes here as an error. The
 * generation counts as observed when the pass is through, also while it waits for a retry (HELM-FLOW-02).
 */
export const helmFrame: Frame = {
  ownedConditions: [released, remediated, testSuccess, reconciling, ready, stalled, drifted],
  begin: () => Promise.resolve(),
  progress(run, message, options) {
    run.conditions.set({ type: reconciling, status: 'True', reason: 'Progressing', message });
    return options.patch ?? true;
  },
  succeed(run, reason, message) {
    run.conditions.set({ type: ready, status: 'True', reason, message });
  },
  fail(run, error, retry) {
    const { reason, message } = error;
    run.conditions.set({ type: ready, status: 'False', reason, message });
    if (retry === 'stalled') run.conditions.set({ type: stalled, status: 'True', reason, message });
    const event = failureEvent(error, error.event ?? 'warning');
    return event && { ...event, metadata: error.eventMetadata ?? {}, replaceMetadata: true };
  },
  close(run, outcome) {
    if (isObserved(outcome) && hasOneChart(run.object)) observeGeneration(run.object);
    return undefined;
  },
};

/** With no chart or two nothing has been done: only objects from before the rule of the CRD are so (HELM-FLOW-01). */
function hasOneChart(object: KubeObject): boolean {
  const { chart, chartRef } = object['spec'] ?? {};
  return (chart === undefined) !== (chartRef === undefined);
}

function isObserved(outcome: Outcome): boolean {
  if (outcome.type === 'done') return outcome.action.type !== 'requeueNow';
  return outcome.type === 'suspended' || (outcome.type === 'failed' && outcome.retry === 'stalled');
}
