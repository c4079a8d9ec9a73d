import { expect, test } from 'vitest';
import { isVersion, parseConstraint, parseVersion } from './index.ts';

test('a constraint without a pre-release never takes one', () => {
  const constraint = parseConstraint('>=1.0.0');

  expect(constraint.check(parseVersion('1.1.0-rc.1'))).toBe(false);
  expect(constraint.validate(parseVersion('1.1.0-rc.1'))).toEqual([
    '"1.1.0-rc.1" is a prerelease version and the constraint is only looking for release versions',
  ]);
  expect(parseConstraint('>=1.0.0-0').check(parseVersion('1.1.0-rc.1'))).toBe(true);
});

test('what is no constraint is named', () => {
  expect(() => parseConstraint('>=1.2.3 && <2')).toThrow('improper constraint: ">=1.2.3 && <2"');
  expect(() => parseConstraint('')).toThrow('improper constraint: ""');
  expect(() => parseConstraint('>1.2.3-01 foo')).toThrow('improper constraint: ">1.2.3-01 foo"');
});

test('blanks and commas are scanned once: a backtracking parser would not come back from this', () => {
  expect(() => parseConstraint(`${'1 , '.repeat(120)}!`)).toThrow('improper constraint');
});

test('numbers beyond 2^53 are compared exactly', () => {
  expect(parseVersion('9007199254740993.0.0').compare(parseVersion('9007199254740992.0.0'))).toBe(1);
});

test.each([
  ['1.2.3', true],
  ['v1.2', true],
  ['1.02.3', true],
  ['1.2.3-rc.1+x', true],
  ['1.2.3-01', false],
  ['99999999999999999999.0.0', false],
  ['one', false],
  ['', false],
])('whether %j is a version can be asked without an error', (text, expected) => {
  expect(isVersion(text)).toBe(expected);
});
