import { expect, test } from 'vitest';
import type { Schema } from '../schema.ts';
import { formatPath } from './field-set.ts';
import { compareFields, fieldSetOf } from './typed-value.ts';

const schema: Schema = {
  type: 'object',
  properties: {
    set: { type: 'array', items: { type: 'string' }, listType: 'set' },
    map: { type: 'object', additionalProperties: { type: 'string' } },
    open: {},
  },
};

test('fields are counted as the schema splits them', () => {
  const set = fieldSetOf({ set: ['a', 'a', 'b'], map: { x: '1' }, open: null }, schema);

  expect(set.toFieldsV1()).toEqual({
    'f:set': { 'v:"a"': {}, 'v:"b"': {} },
    'f:map': { 'f:x': {} },
    'f:open': {},
  });
  expect(fieldSetOf({ list: [{ a: 1 }] }).toFieldsV1()).toEqual({ 'f:list': {} });
});

test('a comparison names what was added, changed and removed', () => {
  const { added, modified, removed } = compareFields(
    { set: ['a', 'b'], map: { x: '1', y: '2' }, open: 1 },
    { set: ['b', 'c'], map: { x: '2' }, open: { form: 'changed' } },
    schema,
  );

  expect(added.paths().map(formatPath)).toEqual(['.open.form', '.set[="c"]']);
  expect(modified.paths().map(formatPath)).toEqual(['.open', '.map.x']);
  expect(removed.paths().map(formatPath)).toEqual(['.map.y', '.set[="a"]']);
});

test('duplicates in a set count as one field of their own', () => {
  const { added, removed } = compareFields({ set: ['a', 'a'] }, { set: ['a'] }, schema);

  expect(removed.paths().map(formatPath)).toEqual(['.set[="a"]']);
  expect(added.paths().map(formatPath)).toEqual(['.set[="a"]']);
});
