import type { KubeObject } from '@flux/apimachinery';
import { expect, test } from 'vitest';
import { isSame } from './compare.ts';
import { ownersFirst } from './owners.ts';
import { mergedInventory, restoredStatus } from './restored-status.ts';

const base: KubeObject = {
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name: 'app', namespace: 'team', generation: 5 },
  spec: { interval: '1m' },
};
const entry = (id: string) => ({ id, v: 'v1' });

test('a status goes on at the generation that the object has in the other cluster', () => {
  const status = {
    observedGeneration: 5,
    conditions: [
      { type: 'Ready', observedGeneration: 5 },
      { type: 'Stalled', observedGeneration: 4 },
    ],
    inventory: { entries: [entry('a')] },
    lastAttemptedGeneration: -1,
  };

  expect(restoredStatus({ ...base, status }, 2, true)).toEqual({
    observedGeneration: 2,
    conditions: [
      { type: 'Ready', observedGeneration: 2 },
      { type: 'Stalled', observedGeneration: 1 },
    ],
    inventory: { entries: [entry('a')] },
    lastAttemptedGeneration: -1,
  });
});

test('sources and releases that begin anew keep only which request they have handled', () => {
  const status = { observedGeneration: 5, lastHandledReconcileAt: 'then', artifact: { url: 'http://gone' } };
  const source = { ...base, apiVersion: 'source.toolkit.fluxcd.io/v1', status };

  expect(restoredStatus(source, 2, true)).toEqual({ lastHandledReconcileAt: 'then' });
  expect(restoredStatus({ ...base, status }, 2, false)).toEqual({ lastHandledReconcileAt: 'then' });
  expect(restoredStatus(base, 2, true)).toBeUndefined();
});

test('an inventory in the cluster gains what it lost and loses nothing', () => {
  const withEntries = (...ids: string[]) => ({ ...base, status: { inventory: { entries: ids.map(entry) } } });

  expect(mergedInventory(withEntries('a', 'b'), withEntries('b', 'c'))).toEqual({
    inventory: { entries: [entry('b'), entry('c'), entry('a')] },
  });
  expect(mergedInventory(withEntries('a'), withEntries('a', 'b'))).toBeUndefined();
});

test('requests, suspension and who wrote a field do not make objects of Flux differ', () => {
  const live = {
    ...base,
    metadata: {
      ...base.metadata,
      uid: 'u',
      generation: 9,
      annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' },
      managedFields: [{ manager: 'other' }],
    },
    spec: { interval: '1m', suspend: true },
    status: { observedGeneration: 9 },
  };
  const cronJob = { ...base, apiVersion: 'batch/v1', kind: 'CronJob' };

  expect(isSame(base, live)).toBe(true);
  expect(isSame({ ...base, spec: { interval: '2m' } }, live)).toBe(false);
  expect(isSame(cronJob, { ...cronJob, spec: { interval: '1m', suspend: true } })).toBe(false);
});

test('owners come before what they own, and a circle still ends', () => {
  const named = (name: string, owner?: string): KubeObject => ({
    ...base,
    metadata: {
      name,
      namespace: 'team',
      ...(owner ? { ownerReferences: [{ apiVersion: base.apiVersion, kind: base.kind, name: owner, uid: '' }] } : {}),
    },
  });
  const names = (waves: KubeObject[][]) => waves.map((wave) => wave.map(({ metadata }) => metadata.name));

  expect(names(ownersFirst([named('c', 'b'), named('b', 'a'), named('a'), named('d', 'elsewhere')]))).toEqual([
    ['a', 'd'],
    ['b'],
    ['c'],
  ]);
  expect(names(ownersFirst([named('x', 'y'), named('y', 'x'), named('a')]))).toEqual([['a'], ['x', 'y']]);
});
