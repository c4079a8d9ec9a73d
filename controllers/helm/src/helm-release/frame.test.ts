import type { KubeObject } from '@flux/apimachinery';
import { awaitChange, type Outcome, ReconcileError, type Run, requeueAfter, requeueNow } from '@flux/runtime';
import { expect, test } from 'vitest';
import { helmFrame } from './frame.ts';

const error = new ReconcileError('Reason', 'message', { retry: 'backoff' });

test.each<[string, Outcome, boolean]>([
  ['is through', { type: 'done', action: requeueAfter(1) }, true],
  ['waits for a retry or a change', { type: 'done', action: awaitChange() }, true],
  ['goes again at once', { type: 'done', action: requeueNow() }, false],
  ['is suspended', { type: 'suspended' }, true],
  ['failed for good', { type: 'failed', error, retry: 'stalled' }, true],
  ['failed and is tried again', { type: 'failed', error, retry: 'backoff' }, false],
  ['waits for a dependency', { type: 'failed', error, retry: { afterMs: 1 } }, false],
])('a pass that %s observes the generation or not (HELM-FLOW-02)', (_, outcome, expected) => {
  expect(observedAfter(outcome, { chart: {} })).toBe(expected ? 3 : undefined);
});

test.each([[{}], [{ chart: {}, chartRef: {} }]])(
  'a spec %j without one chart observes nothing (HELM-FLOW-01)',
  (spec) => {
    expect(observedAfter({ type: 'done', action: awaitChange() }, spec)).toBeUndefined();
  },
);

function observedAfter(outcome: Outcome, spec: object): unknown {
  const object: KubeObject = { apiVersion: 'v1', kind: 'X', metadata: { name: 'x', generation: 3 }, spec };
  helmFrame.close({ object } as Run<KubeObject>, outcome); // closing looks at nothing else
  return object['status']?.observedGeneration;
}
