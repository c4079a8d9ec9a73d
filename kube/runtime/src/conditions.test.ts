import type { KubeObject } from '@flux/apimachinery';
import { expect, test } from 'vitest';
import { conditionsOf, truncateMessage } from './conditions.ts';

function objectAt(generation: number, status?: unknown): KubeObject {
  return { apiVersion: 'v1', kind: 'X', metadata: { name: 'x', generation }, ...(status ? { status } : {}) };
}

const at = (iso: string) => () => new Date(iso);

test('lastTransitionTime moves when status, reason or message change, not with the generation (SRC-CTL-16)', () => {
  const object = objectAt(1);
  const input = { type: 'Ready', status: 'True', reason: 'A', message: 'm' } as const;
  conditionsOf(object, at('2026-01-01T00:00:00.900Z')).set(input);
  object.metadata.generation = 2;

  conditionsOf(object, at('2026-01-01T00:00:05Z')).set(input);
  const unchanged = conditionsOf(object).get('Ready');
  conditionsOf(object, at('2026-01-01T00:00:09Z')).set({ ...input, message: 'n' });

  expect(unchanged).toMatchObject({ lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration: 2 });
  expect(conditionsOf(object).get('Ready')?.lastTransitionTime).toBe('2026-01-01T00:00:09Z');
});

test('Reconciling and Stalled exclude each other (KUS-FLOW-06)', () => {
  const conditions = conditionsOf(objectAt(1));
  conditions.set({ type: 'Stalled', status: 'True', reason: 'A', message: '' });
  conditions.set({ type: 'Reconciling', status: 'True', reason: 'B', message: '' });

  expect(conditions.all().map((condition) => condition.type)).toEqual(['Reconciling']);

  conditions.set({ type: 'Stalled', status: 'True', reason: 'A', message: '' });

  expect(conditions.all().map((condition) => condition.type)).toEqual(['Stalled']);
});

test('order is Stalled, Reconciling, Ready, then newest generation, then type (KUS-STAT-04)', () => {
  const object = objectAt(1);
  const conditions = conditionsOf(object);
  for (const type of ['ZFirst', 'Healthy', 'Ready', 'Alpha', 'Reconciling']) {
    object.metadata.generation = type === 'ZFirst' ? 2 : 1;
    conditions.set({ type, status: 'True', reason: 'A', message: '' });
  }

  expect(conditions.all().map((condition) => condition.type)).toEqual([
    'Reconciling',
    'Ready',
    'ZFirst',
    'Alpha',
    'Healthy',
  ]);
});

test('a message is cut to 32768 bytes between characters', () => {
  const cut = truncateMessage('ä'.repeat(20_000));

  expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(32768);
  expect(cut.endsWith('ä...')).toBe(true);
  expect(truncateMessage('x'.repeat(32768))).toHaveLength(32768);
});

test('the last condition that goes leaves no empty list', () => {
  const object = objectAt(1);
  conditionsOf(object).set({ type: 'Ready', status: 'True', reason: 'A', message: '' });
  conditionsOf(object).delete('Ready');

  expect(object['status']).toEqual({});
});
