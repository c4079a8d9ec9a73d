import { expect, it } from 'vitest';
import { base64Problem } from './base64-problem.ts';

it.each([
  ['a!b', 1],
  ['abc', 0],
  ['YWJj\nYW', 5],
  ['aGk=aGk=', 4],
  ['a===', 1],
  ['aa=a', 2],
])('tells where %j is no base64, as Go does', (text, index) => {
  expect(base64Problem(text)).toBe(`illegal base64 data at input byte ${index}`);
});

it.each(['', 'aGk=', 'aA==', 'YW\r\nJj'])('finds nothing in %j', (text) => {
  expect(base64Problem(text)).toBeUndefined();
});
