import { expect, test } from 'vitest';
import { normalizeTyped } from './normalize.ts';
import type { Schema } from './schema.ts';

const schema: Schema = {
  type: 'object',
  definition: 'Thing',
  goFields: { name: 'a', size: 'z', count: 'p', nested: 's', when: 'o', list: 'e', rules: 'n', limit: 's', ref: 'q' },
  properties: {
    name: { type: 'string' },
    size: { type: 'integer' },
    count: { type: 'integer' },
    nested: { type: 'object', goFields: { on: 'z' }, properties: { on: { type: 'boolean' } } },
    when: { type: 'string', format: 'date-time' },
    list: { type: 'array', items: { type: 'string' } },
    rules: { type: 'array', items: { type: 'string' } },
    limit: { type: 'string', format: 'quantity' },
    ref: { type: 'object', properties: {} },
  },
};

test('zero values are dropped or written as the Go type does', () => {
  expect(normalizeTyped({}, schema)).toEqual({ name: '', nested: {}, rules: null, limit: '0', ref: null });
  expect(normalizeTyped({ size: 0, count: 0, list: [], rules: [], when: null, nope: 1 }, schema)).toEqual({
    name: '',
    count: 0,
    nested: {},
    rules: null,
    limit: '0',
    ref: null,
  });
});

test('quantities and times get their one form, unreadable ones stay', () => {
  const value = {
    name: 'x',
    limit: 1000,
    when: '2020-01-01T02:00:00+02:00',
    nested: { on: true },
    rules: ['a'],
    ref: {},
  };

  expect(normalizeTyped(value, schema)).toMatchObject({ limit: '1k', when: '2020-01-01T00:00:00Z' });
  expect(normalizeTyped({ ...value, limit: 'much', when: 'soon' }, schema)).toMatchObject({
    limit: 'much',
    when: 'soon',
  });
});

test('a normal value comes back itself, and custom resources keep their own', () => {
  const value = { name: 'x', nested: {}, rules: null, limit: '1', ref: null };

  expect(normalizeTyped(value, schema)).toBe(value);
  expect(normalizeTyped({ a: '', b: [] }, { type: 'object', properties: { a: { type: 'string' } } })).toEqual({
    a: '',
    b: [],
  });
});
