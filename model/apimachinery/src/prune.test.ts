import { expect, test } from 'vitest';
import { applyDefaults } from './defaults.ts';
import { pruneUnknown } from './prune.ts';
import { structuralFromOpenApi } from './structural.ts';

const schema = structuralFromOpenApi({
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        a: { type: 'integer', default: 1 },
        list: { type: 'array', items: { type: 'object', properties: { q: { type: 'string', default: 'Q' } } } },
        free: { 'x-kubernetes-preserve-unknown-fields': true, properties: { k: { type: 'object' } } },
        maybe: { type: 'string', nullable: true, default: 'M' },
      },
    },
  },
});

test('undeclared members go and are named, kept ones share their values', () => {
  const spec = { a: 1, x: 2, list: [{ q: '1', r: 2 }], free: { any: [1], k: { gone: 1 } } };
  const value = { apiVersion: 'g/v1', kind: 'K', metadata: { name: 'n' }, spec };
  const { value: result, pruned } = pruneUnknown(value, schema);

  expect(pruned).toEqual(['spec.free.k.gone', 'spec.list[0].r', 'spec.x']);
  expect(result).toEqual({ ...value, spec: { a: 1, list: [{ q: '1' }], free: { any: [1], k: {} } } });
  expect(spec.x).toBe(2);
});

test('nothing to prune gives the value itself', () => {
  const value = { spec: { a: 1 } };

  expect(pruneUnknown(value, schema)).toEqual({ value, pruned: [] });
  expect(pruneUnknown(value, schema).value).toBe(value);
});

test('a key named __proto__ is pruned like any other', () => {
  const value = JSON.parse('{"spec": {"__proto__": {"polluted": 1}, "free": {"__proto__": 2}}}');
  const { value: result, pruned } = pruneUnknown(value, schema);

  expect(pruned).toEqual(['spec.__proto__']);
  expect(JSON.stringify(result)).toBe('{"spec":{"free":{"__proto__":2}}}');
});

test('defaults fill in what is absent or null without being nullable', () => {
  const value = { spec: { list: [{}, { q: 'x' }], maybe: null, free: null } };

  expect(applyDefaults(value, schema)).toEqual({ spec: { a: 1, list: [{ q: 'Q' }, { q: 'x' }], maybe: null } });
  expect(value.spec.list[0]).toEqual({});
});

test('defaults already there leave the value untouched', () => {
  const value = { spec: { a: 2, maybe: 'x' } };

  expect(applyDefaults(value, schema)).toBe(value);
});
