import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deepEqual } from '../deep.ts';
import { FieldSet, formatPath } from './field-set.ts';
import { fieldElement, keyElement, valueElement } from './path-element.ts';

const name = (...names: string[]) => names.map(fieldElement);

test('a set reads and writes fieldsV1', () => {
  const fields = {
    'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
    'f:spec': {
      'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:image': {} } },
      'f:finalizers': { 'v:"x"': {} },
      'f:replicas': {},
    },
  };
  const set = FieldSet.fromFieldsV1(fields);

  expect(set.toFieldsV1()).toEqual(fields);
  expect(set.has(name('metadata', 'labels'))).toBe(true);
  expect(set.has(name('spec', 'containers'))).toBe(false);
  expect(set.paths().map(formatPath)).toEqual([
    '.metadata.labels',
    '.metadata.labels.app',
    '.spec.replicas',
    '.spec.containers[name="a"]',
    '.spec.containers[name="a"].image',
    '.spec.finalizers[="x"]',
  ]);
});

test('keys written in another form are the same element', () => {
  const set = FieldSet.fromFieldsV1({ 'f:ports': { 'k:{ "protocol": "TCP", "containerPort": 80 }': {} } });

  expect(set.has([fieldElement('ports'), keyElement({ containerPort: 80, protocol: 'TCP' })])).toBe(true);
});

test('unknown kinds of elements are dropped, broken ones refused', () => {
  expect(FieldSet.fromFieldsV1({ 'z:new': {}, 'f:a': {} }).toFieldsV1()).toEqual({ 'f:a': {} });
  expect(() => FieldSet.fromFieldsV1({ 'k:{': {} })).toThrow('invalid path element');
  expect(() => FieldSet.fromFieldsV1({ fa: {} })).toThrow('missing colon');
  expect(() => FieldSet.fromFieldsV1({ 'f:a': 1 })).toThrow('not made of objects');
  expect(() =>
    FieldSet.fromFieldsV1(
      Array(300)
        .fill(0)
        .reduce((inner) => ({ 'f:a': inner }), {}),
    ),
  ).toThrow();
});

test('a difference keeps what lies below, a recursive one does not', () => {
  const set = FieldSet.of(name('a'), name('a', 'b'), name('c'));
  const removed = FieldSet.of(name('a'));

  expect(set.difference(removed).toFieldsV1()).toEqual({ 'f:a': { 'f:b': {} }, 'f:c': {} });
  expect(set.recursiveDifference(removed).toFieldsV1()).toEqual({ 'f:c': {} });
});

const element = fc.oneof(
  fc.constantFrom('a', 'b', '__proto__').map(fieldElement),
  fc.constantFrom('x', 'y').map((value) => valueElement(value)),
  fc.constantFrom(1, 2).map((port) => keyElement({ port })),
);
const sets = fc
  .array(fc.array(element, { minLength: 1, maxLength: 3 }), { maxLength: 8 })
  .map((paths) => FieldSet.of(...paths));
const same = (a: FieldSet, b: FieldSet) => deepEqual(a.toFieldsV1(), b.toFieldsV1());

test('sets obey the laws of sets', () => {
  fc.assert(
    fc.property(sets, sets, (a, b) => {
      expect(same(a.union(b), b.union(a))).toBe(true);
      expect(same(a.intersection(b), b.intersection(a))).toBe(true);
      expect(a.difference(a).isEmpty).toBe(true);
      expect(same(a.difference(b).union(a.intersection(b)), a)).toBe(true);
      expect(same(FieldSet.fromFieldsV1(a.toFieldsV1()), a)).toBe(true);
    }),
  );
});
