import { expect, test } from 'vitest';
import { cloneJson, formatJson, parseJson } from './json.ts';

test('integers beyond 2^53 survive a round trip', () => {
  const text = '{"a":9007199254740993,"b":-12345678901234567890,"c":1.5,"d":"12345678901234567890","e":1e30}';
  const value = parseJson(text);

  expect(value).toEqual({
    a: 9007199254740993n,
    b: -12345678901234567890n,
    c: 1.5,
    d: '12345678901234567890',
    e: 1e30,
  });
  expect(formatJson(value)).toBe(text.replace('1e30', '1e+30'));
});

test('a copy shares nothing and keeps a __proto__ member a member', () => {
  const value = parseJson('{"list":[{"x":1}],"__proto__":{"polluted":true}}') as { list: { x: number }[] };
  const copy = cloneJson(value);
  copy.list[0]!.x = 2;

  expect(value.list[0]?.x).toBe(1);
  expect(Object.keys(copy)).toEqual(['list', '__proto__']);
  expect((copy as { polluted?: boolean }).polluted).toBeUndefined();
});
