import { expect, test } from 'vitest';
import { cloneJson, formatJson } from './json.ts';

test('integers beyond 2^53 are written exactly', () => {
  expect(formatJson({ a: 9007199254740993n, b: [1.5], c: undefined })).toBe('{"a":9007199254740993,"b":[1.5]}');
});

test('a copy shares nothing and keeps a __proto__ member a member', () => {
  const value = JSON.parse('{"list":[{"x":1}],"__proto__":{"polluted":true}}') as { list: { x: number }[] };
  const copy = cloneJson(value);
  copy.list[0]!.x = 2;

  expect(value.list[0]?.x).toBe(1);
  expect(Object.keys(copy)).toEqual(['list', '__proto__']);
  expect((copy as { polluted?: boolean }).polluted).toBeUndefined();
});
