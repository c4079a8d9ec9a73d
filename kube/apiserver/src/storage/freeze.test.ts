import { expect, it } from 'vitest';
import { parseFrozen } from './freeze.ts';

it('parses stored text with exact integers, and freezes all of it', () => {
  const value = parseFrozen('{"a":[{"b":9007199254740993}],"c":1e300,"d":-9223372036854775808}');

  expect(value).toEqual({ a: [{ b: 9007199254740993n }], c: 1e300, d: -9223372036854775808n });
  const { a } = value as { a: object[] };
  expect([value, a, a[0]].every(Object.isFrozen)).toBe(true);
  const small = parseFrozen('{"a":{"b":1}}') as { a: object };
  expect([small, small.a].every(Object.isFrozen)).toBe(true);
});
