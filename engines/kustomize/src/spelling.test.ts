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

test('timestamps without quotes are completed, by key and in lists, those in quotes are not', () => {
  const object = { a: '2020-01-02', b: '2020-01-03', list: ['2020-01-04', '2020-01-05'] };

  settleScalars(object, "a: 2020-01-02\nb: '2020-01-03'\nlist:\n- 2020-01-04 # x\n- '2020-01-05'\n");

  expect(object).toEqual({
    a: '2020-01-02T00:00:00Z',
    b: '2020-01-03',
    list: ['2020-01-04T00:00:00Z', '2020-01-05'],
  });
});

test('a long list of dates in quotes is looked at once', () => {
  const items = Array.from({ length: 50_000 }, () => ({ t: '2020-01-01' }));

  settleScalars({ items }, `x: 2020-01-02\nitems:\n${'- t: "2020-01-01"\n'.repeat(items.length)}`);

  expect(items.at(-1)).toEqual({ t: '2020-01-01' });
});
