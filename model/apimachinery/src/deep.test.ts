import { expect, test } from 'vitest';
import { deepCopy, deepEqual, setMember } from './deep.ts';

test('objects are equal whatever the order of their keys, absent and undefined members alike', () => {
  expect(deepEqual({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 })).toBe(true);
  expect(deepEqual({ a: undefined }, {})).toBe(true);
  expect(deepEqual({ a: null }, {})).toBe(false);
  expect(deepEqual([1, 2], [2, 1])).toBe(false);
  expect(deepEqual({}, [])).toBe(false);
});

test('a bigint equals the number of the same value', () => {
  expect(deepEqual(5n, 5)).toBe(true);
  expect(deepEqual(9007199254740993n, 9007199254740992)).toBe(false);
});

test('a copy shares nothing and keeps a key named __proto__ as data', () => {
  const original = JSON.parse('{"__proto__": {"polluted": true}, "list": [{"a": 1}]}');
  const copy = deepCopy(original);

  expect(deepEqual(copy, original)).toBe(true);
  expect(copy.list[0]).not.toBe(original.list[0]);
  expect(Object.hasOwn(copy, '__proto__')).toBe(true);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('setting __proto__ does not change the prototype', () => {
  const target: Record<string, unknown> = {};
  setMember(target, '__proto__', { polluted: true });

  expect(Object.getPrototypeOf(target)).toBe(Object.prototype);
  expect(JSON.stringify(target)).toBe('{"__proto__":{"polluted":true}}');
});
