import type { JsonObject } from '@flux/apimachinery';
import { expect, test } from 'vitest';
import { SchemaSet } from './schema.ts';
import { strategicMerge } from './strategic-merge.ts';

const plain = { writesNull: () => true, isQuoted: () => false };

function merge(target: JsonObject, patch: JsonObject): JsonObject | undefined {
  return strategicMerge(target, patch, { schemas: new SchemaSet(), spelling: plain });
}

function pod(spec: JsonObject): JsonObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec };
}

test('lists of known kinds merge by key, items of the patch first', () => {
  const target = pod({ containers: [{ name: 'a', image: 'x' }, { name: 'b' }] });

  const merged = merge(target, pod({ containers: [{ name: 'b', image: 'y' }, { name: 'c' }] }));

  expect(merged?.['spec']).toEqual({
    containers: [{ name: 'b', image: 'y' }, { name: 'c' }, { name: 'a', image: 'x' }],
  });
});

test('lists of unknown kinds are replaced', () => {
  const thing = (list: JsonObject[]): JsonObject => ({ apiVersion: 'example.com/v1', kind: 'Thing', list });

  expect(merge(thing([{ name: 'a' }]), thing([{ name: 'b' }]))?.['list']).toEqual([{ name: 'b' }]);
});

test('null removes a field, but a null of the target stays', () => {
  const merged = merge(pod({ hostNetwork: true, kept: null }), pod({ hostNetwork: null }));

  expect(merged?.['spec']).toEqual({ kept: null });
});

test('ports are told apart by number and protocol', () => {
  const ports = [
    { containerPort: 53, protocol: 'TCP' },
    { containerPort: 53, protocol: 'UDP' },
  ];
  const patch = [{ containerPort: 53, protocol: 'UDP', name: 'dns' }];

  const merged = merge(pod({ containers: [{ name: 'a', ports }] }), pod({ containers: [{ name: 'a', ports: patch }] }));

  expect(merged?.['spec']).toEqual({
    containers: [{ name: 'a', ports: [ports[0], patch[0]] }],
  });
});

test('$patch deletes an item, a list, a map or the whole object', () => {
  const target = (): JsonObject => pod({ containers: [{ name: 'a' }, { name: 'b' }], volumes: [{ name: 'v' }] });

  expect(merge(target(), pod({ containers: [{ name: 'a', $patch: 'delete' }] }))?.['spec']).toEqual({
    containers: [{ name: 'b' }],
    volumes: [{ name: 'v' }],
  });
  expect(merge(target(), pod({ volumes: [{ $patch: 'delete' }] }))?.['spec']).toEqual({
    containers: [{ name: 'a' }, { name: 'b' }],
  });
  expect(merge(target(), pod({ $patch: 'delete' }))).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
  });
  expect(merge(target(), { ...pod({}), $patch: 'delete' })).toBeUndefined();
});

test('$patch replaces a list or a map', () => {
  const target = (): JsonObject => pod({ containers: [{ name: 'a' }], hostNetwork: true });

  expect(merge(target(), pod({ containers: [{ $patch: 'replace' }, { name: 'z' }] }))?.['spec']).toEqual({
    containers: [{ name: 'z' }],
    hostNetwork: true,
  });
  expect(merge(target(), pod({ $patch: 'replace', hostPID: true }))?.['spec']).toEqual({ hostPID: true });
});

test('an unknown directive and different kinds of node are errors', () => {
  expect(() => merge(pod({}), pod({ $patch: 'remove' }))).toThrow("unknown patch strategy 'remove'");
  expect(() => merge(pod({ a: [] }), pod({ a: {} }))).toThrow('expected SequenceNode but got MappingNode');
});

test('finalizers merge as a set', () => {
  const target: JsonObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', finalizers: ['a', 'b'] } };
  const patch: JsonObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', finalizers: ['b', 'c'] } };

  expect(merge(target, patch)?.['metadata']).toEqual({ name: 'c', finalizers: ['b', 'c', 'a'] });
});

test('a schema of one build decides how its own kinds merge', () => {
  const schemas = new SchemaSet();
  const items = { type: 'array', 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-patch-merge-key': 'id' };
  schemas.use(new Map(), {
    definitions: {
      Thing: {
        properties: { list: { ...items, items: { type: 'object' } } },
        'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Thing' }],
      },
    },
  });
  const thing = (list: JsonObject[]): JsonObject => ({ apiVersion: 'example.com/v1', kind: 'Thing', list });

  const merged = strategicMerge(thing([{ id: '1', a: 1 }]), thing([{ id: '1', b: 2 }]), { schemas, spelling: plain });

  expect(merged?.['list']).toEqual([{ id: '1', a: 1, b: 2 }]);
});
