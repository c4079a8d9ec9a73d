import type { KubeObject } from '@flux/apimachinery';
import { expect, test } from 'vitest';
import { ownTrigger } from './triggers.ts';

function object(generation: number, requestedAt?: string, extra: Record<string, string> = {}): KubeObject {
  const annotations = {
    ...extra,
    ...(requestedAt === undefined ? {} : { 'reconcile.fluxcd.io/requestedAt': requestedAt }),
  };
  return { apiVersion: 'v1', kind: 'X', metadata: { name: 'x', uid: 'u', generation, annotations } };
}

function update(before: KubeObject, after: KubeObject) {
  return ownTrigger({ type: 'updated', before, after, object: after, initial: false });
}

test('creation, a new generation and a new request start a run; other metadata does not (SRC-CTL-01, KUS-FLOW-13)', () => {
  const created = object(1);

  expect(ownTrigger({ type: 'added', after: created, object: created, initial: false })).toBe('created');
  expect(ownTrigger({ type: 'added', after: created, object: created, initial: true })).toBe('start');
  expect(update(object(1), object(2))).toBe('generation');
  expect(update(object(1), object(1, 'now'))).toBe('requestedAt');
  expect(update(object(1, 'a'), object(1, 'b'))).toBe('requestedAt');
  expect(update(object(1, 'a'), object(1))).toBeUndefined();
  expect(update(object(1), object(1, undefined, { other: 'x' }))).toBeUndefined();
  expect(ownTrigger({ type: 'deleted', before: created, object: created, initial: false })).toBeUndefined();
});
