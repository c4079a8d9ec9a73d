import { expect, test } from 'vitest';
import { readValues } from './read-values.ts';

test.each<[string, unknown]>([
  ['', {}],
  ['# nothing\n', {}],
  ['a: {b: 1}\n--- # more\na: {c: 2}\nl: [1]\n---\nl: [2]\n', { a: { b: 1, c: 2 }, l: [2] }],
  ['---\n---\na: 1\n---', { a: 1 }],
  ['a: "\u2028---"\n', { a: '\u2028---' }],
  ['a: |\n  x\n  ---\n', { a: 'x\n---\n' }],
  ['big: 12345678901234567890\nyes: on\n', { big: 12345678901234567000, true: true }],
])('%j is read', (text, expected) => {
  expect(readValues(text)).toEqual(expected);
});

test.each([
  ['a: 1\n---\nb: [\n', 'cannot unmarshal yaml document: error converting YAML to JSON: yaml: line 1: '],
  ['---\nb: [\n', 'cannot unmarshal yaml document: error converting YAML to JSON: yaml: line 2: '],
  ["a: 'b", 'yaml: line 2: found unexpected end of stream'],
  ['- a\n', 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
  ['- a\n---b: 1\n', 'error reading yaml document: invalid Yaml document separator: b: 1'],
])('%j is refused', (text, message) => {
  expect(() => readValues(text)).toThrow(message);
});

test('a key named __proto__ is a key', () => {
  expect(Object.keys(readValues('__proto__: {polluted: 1}\n---\n__proto__: {b: 2}\n'))).toEqual(['__proto__']);
  expect('polluted' in {}).toBe(false);
});
