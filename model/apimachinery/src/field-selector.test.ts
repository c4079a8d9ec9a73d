import { expect, test } from 'vitest';
import { parseFieldSelector } from './field-selector.ts';

test('all terms must hold; an absent field is the empty text', () => {
  const selector = parseFieldSelector('metadata.name=a,status.phase!=Running');
  const read = (fields: Record<string, string>) => (name: string) => fields[name];

  expect(selector.matches(read({ 'metadata.name': 'a' }))).toBe(true);
  expect(selector.matches(read({ 'metadata.name': 'a', 'status.phase': 'Running' }))).toBe(false);
  expect(selector.exactValue('metadata.name')).toBe('a');
  expect(parseFieldSelector('').isEmpty).toBe(true);
});

test('commas and equal signs in values are escaped', () => {
  const selector = parseFieldSelector('a=x\\,y\\=z\\\\');

  expect(selector.requirements).toEqual([{ field: 'a', operator: '=', value: 'x,y=z\\' }]);
  expect(selector.toString()).toBe('a=x\\,y\\=z\\\\');
});

test.for([
  ['a', "invalid selector: 'a'; can't understand 'a'"],
  ['a=\\x', 'invalid field selector: invalid escape sequence: \\x'],
  ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
] as const)('%s is refused', ([text, message]) => {
  expect(() => parseFieldSelector(text)).toThrow(message);
});
