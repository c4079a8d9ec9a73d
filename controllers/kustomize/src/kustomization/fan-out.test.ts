import type { Kustomization } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import { type Change, keyOf, type ObjectView } from '@flux/runtime';
import { expect, test } from 'vitest';
import { indexes, keysForConfig, keysForDependency, keysForSource, sortByDependencies } from './fan-out.ts';

function kustomization(name: string, spec: object = {}, status: object = {}): Kustomization {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace: 'n', generation: 1 },
    spec: { interval: '1h', prune: true, sourceRef: { kind: 'GitRepository', name: 'app' }, ...spec },
    status: { observedGeneration: 1, ...status },
  };
}

const ready = { conditions: [{ type: 'Ready', status: 'True', reason: 'R', message: '', observedGeneration: 1 }] };
const waiting = {
  conditions: [{ type: 'Ready', status: 'False', reason: 'DependencyNotReady', message: '', observedGeneration: 1 }],
};

/** The objects that a controller would hold, with its indexes. */
function viewOf(...objects: Kustomization[]): ObjectView<Kustomization> {
  const byIndex = (index: string, value: string) =>
    objects.filter((object) => indexes[index as keyof typeof indexes](object).includes(value));
  return { byIndex } as Partial<ObjectView<Kustomization>> as ObjectView<Kustomization>;
}

function source(revision?: string): KubeObject {
  const status = revision === undefined ? {} : { artifact: { revision } };
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name: 'app', namespace: 'n' },
    status,
  };
}

function updated<T extends KubeObject>(before: T, after: T): Change<T> {
  return { type: 'updated', before, after, object: after, initial: false };
}

const attempt = { revision: 'r2', hasDependencies: false };

test('a new revision queues the users of the source, dependencies first (KUS-FLOW-12)', () => {
  const own = viewOf(
    kustomization('apps', { dependsOn: [{ name: 'infra' }] }),
    kustomization('infra'),
    kustomization('done', {}, { ...ready, lastAttemptedRevision: 'r2' }),
    kustomization('other', { sourceRef: { kind: 'GitRepository', name: 'app', namespace: 'm' } }),
  );

  expect(keysForSource(updated(source('r1'), source('r2')), own, new Map())).toEqual(['n/infra', 'n/apps']);
  expect(keysForSource(updated(source('r1'), source('r2')), own, new Map([['n/infra', attempt]]))).toEqual([
    'n/infra',
    'n/apps',
  ]);
  expect(keysForSource(updated(source('r1'), source('r2')), own, new Map([['n/apps', attempt]]))).toEqual(['n/infra']);
  expect(keysForSource(updated(source('r2'), source('r2')), own, new Map())).toEqual([]);
  expect(keysForSource(updated(source('r1'), source()), own, new Map())).toEqual([]);
});

test('dependencies outside the batch are queued too, and a cycle drops the batch', () => {
  const outside = kustomization('a', { dependsOn: [{ name: 'x', namespace: 'm' }] });
  const cycle = [
    kustomization('a', { dependsOn: [{ name: 'b' }] }),
    kustomization('b', { dependsOn: [{ name: 'a' }] }),
  ];

  expect(sortByDependencies([outside])).toEqual(['m/x', 'n/a']);
  expect(() => sortByDependencies(cycle)).toThrow('circular dependency detected: n/a -> n/b -> n/a');
});

test('a dependency that becomes ready wakes those that wait for it, and no others', () => {
  const dependsOn = [{ name: 'infra' }];
  const own = viewOf(
    kustomization('waits', { dependsOn }, waiting),
    kustomization('new', { dependsOn }),
    kustomization('content', { dependsOn }, { ...ready, lastAttemptedRevision: 'r1' }),
    kustomization('behind', { dependsOn }, { ...ready, lastAttemptedRevision: 'r0' }),
    kustomization('stranger', {}, waiting),
  );
  const before = kustomization('infra');
  const after = kustomization('infra', {}, { ...ready, lastAppliedRevision: 'r1' });

  const passed = new Map([['n/new', { revision: 'r1', hasDependencies: true }]]);

  expect(keysForDependency(updated(before, after), own, new Map())).toEqual(['n/waits', 'n/new', 'n/behind']);
  expect(keysForDependency(updated(before, after), own, passed)).toEqual(['n/waits', 'n/behind']);
  expect(keysForDependency(updated(after, before), own, new Map())).toEqual([]);
});

test('a labelled ConfigMap queues those that substitute from it (KUS-CTRL-05)', () => {
  const postBuild = { substituteFrom: [{ kind: 'ConfigMap', name: 'vars', optional: true }] };
  const own = viewOf(kustomization('a', { postBuild }), kustomization('b'));
  const config = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'vars', namespace: 'n', resourceVersion: '1' },
  };

  const change: Change = { type: 'added', after: config, object: config, initial: false };

  expect(keysForConfig(change, own)).toEqual([keyOf(kustomization('a'))]);
});
