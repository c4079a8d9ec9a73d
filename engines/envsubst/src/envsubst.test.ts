import { expect, test } from 'vitest';
import { evaluate } from './index.ts';

const lookup = (name: string) => ({ name: 'prod', path: 'a/b/c' })[name];

test('only braces are special and a doubled dollar stands for one', () => {
  expect(evaluate('$name $${name} ${name}', lookup)).toBe('$name ${name} prod');
});

test('a default applies to what is unset or empty, nested ones too', () => {
  expect(evaluate('${region:=eu-${name}-1}', lookup)).toBe('eu-prod-1');
});

test('strict mode names the variable that is not set', () => {
  expect(() => evaluate('${region}', lookup, { strict: true })).toThrow('variable not set (strict mode): "region"');
  expect(evaluate('${region:-eu}', lookup, { strict: true })).toBe('eu');
});

test('prefixes and suffixes are removed by glob', () => {
  expect(evaluate('${path#*/} ${path##*/} ${path%/*} ${path%%/*}', lookup)).toBe('b/c c a/b a');
});

test('a pattern of many stars is no slower than its length', () => {
  const value = 'a'.repeat(20_000);

  expect(evaluate(`\${v#${'*a'.repeat(100)}b}`, () => value)).toBe(value);
});

test('deep nesting is refused instead of exhausting the stack', () => {
  expect(() => evaluate('${a:='.repeat(5000), lookup)).toThrow('nested deeper than 100');
});

test('what bash accepts and Flux does not is an error', () => {
  expect(() => evaluate('${arr[@]}', lookup)).toThrow('missing closing brace');
  expect(() => evaluate('${name-x}', lookup)).toThrow('missing closing brace');
});

test('a negative length is an error only where something is left of the value', () => {
  expect(evaluate('${MISSING:1:-1}', () => undefined)).toBe('');
  expect(() => evaluate('${A:1:-1}', () => 'abcd')).toThrow('substring length -1 is negative');
});
