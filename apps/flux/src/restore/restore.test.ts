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

const now = new Date('2026-11-25T00:00:00.123Z');
const restored = { generation: 2, continues: true, now };

test('a status goes on with what was applied, but is not ready before someone looked', () => {
  const status = {
    observedGeneration: 5,
    conditions: [
      { type: 'Ready', status: 'True', reason: 'Succeeded', observedGeneration: 5 },
      { type: 'Released', status: 'True', observedGeneration: 5 },
    ],
    inventory: { entries: [entry('a')] },
    lastAttemptedGeneration: 5,
  };

  expect(restoredStatus({ ...base, status }, restored)).toEqual({
    observedGeneration: 1,
    conditions: [
      {
        type: 'Ready',
        status: 'Unknown',
        reason: 'Progressing',
        message: 'restored from a backup, not reconciled yet',
        lastTransitionTime: '2026-11-25T00:00:00Z',
        observedGeneration: 2,
      },
      { type: 'Released', status: 'True', observedGeneration: 1 },
    ],
    inventory: { entries: [entry('a')] },
    lastAttemptedGeneration: 2,
  });
});

test('sources and releases that begin anew keep only which request they have handled', () => {
  const status = { observedGeneration: 5, lastHandledReconcileAt: 'then', artifact: { url: 'http://gone' } };
  const source = { ...base, apiVersion: 'source.toolkit.fluxcd.io/v1', status };

  expect(restoredStatus(source, restored)).toEqual({ lastHandledReconcileAt: 'then' });
  expect(restoredStatus({ ...base, status }, { ...restored, continues: false })).toEqual({
    lastHandledReconcileAt: 'then',
  });
  expect(restoredStatus(base, restored)).toBeUndefined();
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
