import type { KubeObject } from '@flux/apimachinery';
import { expect, test } from 'vitest';
import { judgeByPods, podSelectorOf } from './owned-pods.ts';
import { inProgress } from './result.ts';

const now = new Date('2026-01-01T00:01:00Z');

function pod(status: object, metadata: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
    status,
  };
}

const waiting = { state: { waiting: { reason: 'CrashLoopBackOff' } }, name: 'c' };
const crashing = pod({ phase: 'Running', containerStatuses: [waiting] });
const unscheduled = {
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }],
};

test('failed pods make an unfinished owner Failed (KUS-HEALTH-25)', () => {
  const own = inProgress('Ready: 0/2');

  expect(judgeByPods(own, [crashing, pod({ phase: 'Running' }), crashing], now)).toEqual({
    status: 'Failed',
    message: '2 pods have failed',
  });
});

test('pods that are deleted or wait for a node do not count, nor any of a finished owner', () => {
  const own = inProgress('Ready: 0/1');
  const deleted = pod(
    { phase: 'Running', containerStatuses: [waiting] },
    { deletionTimestamp: '2026-01-01T00:00:30Z' },
  );
  const done = { status: 'Current', message: 'done' } as const;

  expect(judgeByPods(own, [deleted, pod(unscheduled)], now)).toEqual(own);
  expect(judgeByPods(done, [crashing], now)).toEqual(done);
});

test('the pods are found by the whole selector of their owner', () => {
  const selector = {
    matchLabels: { app: 'web' },
    matchExpressions: [{ key: 'tier', operator: 'In', values: ['a', 'b'] }],
  };
  const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 's' }, spec: { selector } };

  expect(podSelectorOf(owner)).toBe('app=web,tier in (a,b)');
});
