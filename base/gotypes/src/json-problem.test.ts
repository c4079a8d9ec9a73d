import { expect, it } from 'vitest';
import { jsonProblem } from './json-problem.ts';

it.each([
  ['', 'unexpected end of JSON input'],
  ['{', 'unexpected end of JSON input'],
  ['{"a"', 'unexpected end of JSON input'],
  ['-', "invalid character ' ' in numeric literal"],
  ['tru', "invalid character ' ' in literal true (expecting 'e')"],
  ['"\\u12', "invalid character ' ' in \\u hexadecimal character escape"],
  ['\x7f', "invalid character '\\x7f' looking for beginning of value"],
  ['é', "invalid character 'Ã' looking for beginning of value"],
  ['foo', "invalid character 'o' in literal false (expecting 'a')"],
  ['x', "invalid character 'x' looking for beginning of value"],
  ['{a}', "invalid character 'a' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b"}', `invalid character '"' after object key:value pair`],
  ['[1 2]', "invalid character '2' after array element"],
  ['[1,]', "invalid character ']' looking for beginning of value"],
  ['{} x', "invalid character 'x' after top-level value"],
  ['"\\x"', "invalid character 'x' in string escape code"],
  ['"a\nb"', "invalid character '\\n' in string literal"],
  ['-a', "invalid character 'a' in numeric literal"],
  ["'a'", "invalid character '\\'' looking for beginning of value"],
  ['~', "invalid character '~' looking for beginning of value"],
])('describes %j as Go does', (text, problem) => {
  expect(jsonProblem(Buffer.from(text))).toBe(problem);
});

it.each(['{}', '[1,2.5e3,-0,"a\\u0041",true,null]', ' {"a":[{}]} '])('finds nothing in %s', (text) => {
  expect(jsonProblem(Buffer.from(text))).toBeUndefined();
});
