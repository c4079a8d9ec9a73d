import { expect, test } from 'vitest';
import { explicitNullKeys, settleScalars } from './spelling.ts';

test('an empty value in a flow mapping becomes an empty text, others stay', () => {
  const object = { a: { 'x/y': null }, b: null, 'x/y': null };

  settleScalars(object, "a: {'x/y': }\nb:\n");

  expect(object).toEqual({ a: { 'x/y': '' }, b: null, 'x/y': '' });
});

test('nulls that are written out are found by key', () => {
  expect([...explicitNullKeys('a: null\nb:\n"c": ~\nd: {e: Null}\nf: "null"\n')]).toEqual(['a', 'c', 'e']);
});

test('one word of megabytes is looked at once', () => {
  const word = 'x'.repeat(5_000_000);
  const object = { data: { a: word } };

  settleScalars(object, `data: {"a": "${word}"}\n`);

  expect(object.data.a).toHaveLength(5_000_000);
  expect(explicitNullKeys(word).size).toBe(0);
});
