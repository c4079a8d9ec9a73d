import type { KubeObject } from '@flux/apimachinery';
import { expect, test } from 'vitest';
import { ObjectStore } from './object-store.ts';
import type { Change } from './watch-cache.ts';

function object(name: string, resourceVersion: string, extra: Record<string, unknown> = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'X',
    metadata: { name, namespace: 'ns', uid: `uid-${name}`, resourceVersion },
    ...extra,
  };
}

function watched(): { store: ObjectStore; changes: string[] } {
  const changes: string[] = [];
  const store = new ObjectStore((error) => {
    throw error;
  });
  store.subscribe((change: Change) =>
    changes.push(`${change.type} ${change.object.metadata.name}@${change.object.metadata.resourceVersion}`),
  );
  return { store, changes };
}

test('a state that is older than the known one, or the same, is no change', () => {
  const { store, changes } = watched();
  store.put(object('a', '9'), false);
  store.put(object('a', '10'), false);
  store.put(object('a', '9'), false);
  store.put(object('a', '10'), false);

  expect(changes).toEqual(['added a@9', 'updated a@10']);
});

test('a complete list removes what it does not name', () => {
  const { store, changes } = watched();
  store.put(object('a', '1'), false);
  store.put(object('b', '2'), false);
  store.replaceAll([object('b', '2'), object('c', '3')]);

  expect(changes).toEqual(['added a@1', 'added b@2', 'deleted a@1', 'added c@3']);
});

test('an index follows changes and deletions', () => {
  const { store } = watched();
  store.put(object('a', '1', { source: 'x' }), false);
  store.addIndex('source', (item) => [item['source'] as string]);
  store.put(object('b', '2', { source: 'x' }), false);
  expect(store.byIndex('source', 'x').map((item) => item.metadata.name)).toEqual(['a', 'b']);

  store.put(object('a', '3', { source: 'y' }), false);
  store.remove('ns/b', undefined, false);
  expect(store.byIndex('source', 'x')).toEqual([]);
  expect(store.byIndex('source', 'y')).toHaveLength(1);
});

test('after an own write the store has its answer, and an older state from the watch changes nothing (HELM-FLOW-03)', () => {
  const { store } = watched();
  store.put(object('a', '1'), false);

  store.acknowledge(object('a', '3'));
  store.put(object('a', '2'), false);

  expect(store.get('ns/a')?.metadata.resourceVersion).toBe('3');
});

test('the answer to an own write never brings back a deleted object', () => {
  const { store } = watched();
  store.put(object('a', '1'), false);
  store.acknowledge(object('a', '2'));
  expect(store.get('ns/a')?.metadata.resourceVersion).toBe('2');

  store.remove('ns/a', object('a', '4'), false);
  store.acknowledge(object('a', '3'));
  expect(store.get('ns/a')).toBeUndefined();
});

test('a listener that throws does not keep others from hearing', () => {
  const errors: unknown[] = [];
  const store = new ObjectStore((error) => errors.push(error));
  const heard: string[] = [];
  store.subscribe(() => {
    throw new Error('mine');
  });
  store.subscribe((change) => heard.push(change.type));
  store.put(object('a', '1'), false);

  expect(heard).toEqual(['added']);
  expect(errors).toHaveLength(1);
});
