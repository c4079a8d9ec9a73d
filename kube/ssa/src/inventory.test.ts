import { expect, test } from 'vitest';
import { formatInventoryId, parseInventoryEntry, staleEntries } from './inventory.ts';

test('ids name namespace, name, group and kind (KUS-INV-01)', () => {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', name: 'apps' };
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'system:a:b' };
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'n', name: 'web' };

  expect(formatInventoryId(namespace)).toBe('_apps__Namespace');
  expect(formatInventoryId(role)).toBe('_system__a__b_rbac.authorization.k8s.io_ClusterRole');
  expect(formatInventoryId(deployment)).toBe('n_web_apps_Deployment');
});

test('an entry leads back to its object', () => {
  const v = 'v1';

  expect(parseInventoryEntry({ id: '_apps__Namespace', v })).toEqual({
    apiVersion: 'v1',
    kind: 'Namespace',
    name: 'apps',
  });
  expect(parseInventoryEntry({ id: '_system__a__b_rbac.authorization.k8s.io_ClusterRole', v })).toEqual({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    name: 'system:a:b',
  });
  expect(() => parseInventoryEntry({ id: 'a_b', v })).toThrow('unable to parse stored object metadata: a_b');
});

test('a version bump is not stale', () => {
  const previous = {
    entries: [
      { id: 'n_a_x.io_Foo', v: 'v1' },
      { id: 'n_b_x.io_Foo', v: 'v1' },
    ],
  };
  const next = { entries: [{ id: 'n_a_x.io_Foo', v: 'v2' }] };

  expect(staleEntries(previous, next)).toEqual([{ id: 'n_b_x.io_Foo', v: 'v1' }]);
  expect(staleEntries(undefined, next)).toEqual([]);
});
