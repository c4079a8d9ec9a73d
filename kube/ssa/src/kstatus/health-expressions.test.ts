import type { KubeObject } from '@flux/apimachinery';
import { expect, test } from 'vitest';
import { healthExpressionReader } from './health-expressions.ts';

function widget(status: object, kind = 'Widget', generation = 1): KubeObject {
  return { apiVersion: 'x.io/v2', kind, metadata: { name: 'w', generation }, status };
}

const current = 'status.phase == "Done"';

test('failed is asked before current, and nothing true means in progress (KUS-HEALTH-30)', () => {
  const reader = healthExpressionReader([
    { apiVersion: 'x.io/v1', kind: 'Widget', current, failed: 'status.broken', inProgress: 'status.busy' },
  ]);
  const statusOf = (status: object) => reader(widget({ busy: false, broken: false, ...status }))?.status;

  expect(statusOf({ phase: 'Done' })).toBe('Current');
  expect(statusOf({ phase: 'Done', broken: true })).toBe('Failed');
  expect(statusOf({ phase: 'Done', broken: true, busy: true })).toBe('InProgress');
  expect(statusOf({ phase: 'New' })).toBe('InProgress');
  expect(statusOf({ phase: 'Done', observedGeneration: 7 })).toBe('InProgress');
});

test('an entry for the kind goes before one for the group; other groups are left to others', () => {
  const reader = healthExpressionReader([
    { apiVersion: 'x.io/v1', current: 'false' },
    { apiVersion: 'x.io/v1', kind: 'Widget', current: 'true' },
  ]);

  expect(reader(widget({}))?.status).toBe('Current');
  expect(reader(widget({}, 'Gadget'))?.status).toBe('InProgress');
  expect(reader({ ...widget({}), apiVersion: 'y.io/v1' })).toBeUndefined();
});

test('a missing field is an error of the evaluation, so the state is unknown for now', () => {
  const reader = healthExpressionReader([{ apiVersion: 'x.io/v1', kind: 'Widget', current }]);

  expect(() => reader(widget({}))).toThrow(`failed to evaluate the CEL expression '${current}': no such key: phase`);
});

test('entries for the same kind are refused (KUS-FLOW-08)', () => {
  const entry = { apiVersion: 'x.io/v1', kind: 'Widget', current };

  expect(() => healthExpressionReader([entry, { ...entry, apiVersion: 'x.io/v2' }])).toThrow(
    'duplicate custom health check for GroupKind Widget.x.io at healthchecks[1]',
  );
});
