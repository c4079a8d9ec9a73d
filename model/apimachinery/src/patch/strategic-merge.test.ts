import { expect, test } from 'vitest';
import type { JsonValue } from '../object.ts';
import type { Schema } from '../schema.ts';
import { applyStrategicMergePatch } from './strategic-merge.ts';

const strings: Schema = { type: 'array', items: { type: 'string' } };
const schema: Schema = {
  type: 'object',
  properties: {
    containers: {
      type: 'array',
      patchStrategy: 'merge',
      patchMergeKey: 'name',
      items: { type: 'object', properties: { name: { type: 'string' }, args: strings } },
    },
    finalizers: { ...strings, patchStrategy: 'merge' },
    strategy: { type: 'object', patchStrategy: 'retainKeys', properties: { type: { type: 'string' } } },
    selector: { type: 'object', patchStrategy: 'replace', additionalProperties: { type: 'string' } },
    args: strings,
  },
};

test.for([
  [
    'items merge by key and new ones come first',
    { containers: [{ name: 'a', x: 1 }] },
    { containers: [{ name: 'a', y: 2 }, { name: 'b' }] },
    { containers: [{ name: 'a', x: 1, y: 2 }, { name: 'b' }] },
  ],
  ['lists without a strategy are replaced', { args: ['a', 'b'] }, { args: ['c'] }, { args: ['c'] }],
  ['lists of scalars unite', { finalizers: ['a', 'b'] }, { finalizers: ['b', 'c'] }, { finalizers: ['a', 'b', 'c'] }],
  [
    'an item is deleted by its key',
    { containers: [{ name: 'a' }, { name: 'b' }] },
    { containers: [{ name: 'a', $patch: 'delete' }] },
    { containers: [{ name: 'b' }] },
  ],
  [
    'a list is replaced by directive',
    { containers: [{ name: 'a' }] },
    { containers: [{ $patch: 'replace' }, { name: 'b' }] },
    { containers: [{ name: 'b' }] },
  ],
  [
    'a map is replaced by directive',
    { strategy: { a: 1 } },
    { strategy: { $patch: 'replace', b: 2 } },
    { strategy: { b: 2 } },
  ],
  ['a map is emptied by directive', { strategy: { a: 1 } }, { strategy: { $patch: 'delete' } }, { strategy: {} }],
  [
    'a map with the replace strategy is replaced',
    { selector: { a: '1' } },
    { selector: { b: '2' } },
    { selector: { b: '2' } },
  ],
  [
    'only retained keys stay',
    { strategy: { type: 'A', a: 1 } },
    { strategy: { $retainKeys: ['type'], type: 'B' } },
    { strategy: { type: 'B' } },
  ],
  [
    'scalars are deleted from a list',
    { finalizers: ['a', 'b'] },
    { '$deleteFromPrimitiveList/finalizers': ['a'] },
    { finalizers: ['b'] },
  ],
  [
    'an order is imposed',
    { finalizers: ['a', 'b', 'c'] },
    { '$setElementOrder/finalizers': ['c', 'a', 'b'] },
    { finalizers: ['c', 'a', 'b'] },
  ],
  [
    'null removes, null of nothing is dropped',
    { args: ['a'] },
    { args: null, strategy: { x: null, y: 1 } },
    { strategy: { y: 1 } },
  ],
] as [string, JsonValue, JsonValue, JsonValue][])('%s', ([, current, patch, want]) => {
  const before = JSON.stringify([current, patch]);

  expect(applyStrategicMergePatch(current, patch, schema)).toEqual(want);
  expect(JSON.stringify([current, patch])).toBe(before);
});

test.for([
  [
    'a missing merge key',
    { containers: [{ image: 'x' }] },
    500,
    'map: map[image:x] does not contain declared merge key: name',
  ],
  [
    'an order that lacks an item',
    { '$setElementOrder/finalizers': ['b'], finalizers: ['c'] },
    500,
    "The order in patch list:\n[c]\n doesn't match $setElementOrder list:\n[b]\n",
  ],
  ['items of another type', { containers: ['x'] }, 500, 'list element types are not identical: [[map[name:a]] [x]]'],
  [
    'a retained key that is missing',
    { strategy: { $retainKeys: ['a'], b: 1 } },
    400,
    'invalid patch format of retainKeys',
  ],
  [
    'an unknown directive',
    { strategy: { $patch: 'twist' } },
    500,
    'unknown patch type: twist in map: map[$patch:twist]',
  ],
] as [string, JsonValue, number, string][])('%s is refused', ([, patch, code, message]) => {
  const current = { containers: [{ name: 'a' }], finalizers: ['a'], strategy: {} };

  expect(() => applyStrategicMergePatch(current, patch, schema)).toThrow(
    expect.objectContaining({ message, statusCode: code }),
  );
});

test('prototypes stay out of reach', () => {
  const patch = JSON.parse('{"__proto__": {"polluted": 1}, "strategy": {"__proto__": {"polluted": 1}}}');

  applyStrategicMergePatch({ strategy: {} }, patch, schema);

  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});
