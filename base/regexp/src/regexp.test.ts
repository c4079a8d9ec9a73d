import { expect, test } from 'vitest';
import { compileRegexp, RegexpError } from './index.ts';

test('an anchored pattern has to match the whole text', () => {
  expect(compileRegexp('pod.*', { anchored: true }).test('podinfo')).toBe(true);
  expect(compileRegexp('info', { anchored: true }).test('podinfo')).toBe(false);
  expect(compileRegexp('info').test('podinfo')).toBe(true);
});

test('groups are found by number and by name', () => {
  const match = compileRegexp('(?P<name>[a-z]+)-(\\d+)(x)?').find('..app-42');

  expect(match).toMatchObject({ start: 2, end: 8, groups: ['app-42', 'app', '42', undefined] });
  expect(match?.named['name']).toBe('app');
});

test('replacement templates are those of Go', () => {
  const pattern = compileRegexp('(?P<major>\\d+)\\.(\\d+)');

  expect(pattern.replaceAll('v1.2 v3.4', '${major}_$2 $1x $$ $')).toBe('v1_2  $ $ v3_4  $ $');
});

test('an empty match right behind another one is none, as in Go', () => {
  const pattern = compileRegexp('a*');

  expect(pattern.findAll('baac').map(({ start, end }) => [start, end])).toEqual([
    [0, 0],
    [1, 3],
    [4, 4],
  ]);
  expect(pattern.replaceAll('baac', 'x')).toBe('xbxcx');
});

test('what RE2 does not take is refused in its words', () => {
  expect(() => compileRegexp('a(b')).toThrow(RegexpError);
  expect(() => compileRegexp('(?=x)')).toThrow('error parsing regexp: invalid or unsupported Perl syntax');
});

test('a pattern that backtracks elsewhere is linear here', () => {
  expect(compileRegexp('(a+)+$').test(`${'a'.repeat(30_000)}!`)).toBe(false);
});

test('groups may share a name, which then means the first that matched', () => {
  const pattern = compileRegexp('(?P<n>a)?(?P<n>b)[(?P<n>]?');

  expect(pattern.find('b')?.named['n']).toBe('b');
  expect(pattern.find('ab')?.named['n']).toBe('a');
});

test('patterns of versions give the same without the engine and with it', () => {
  for (const pattern of ['v\\d+\\.\\d+\\.\\d+', '^v\\d+\\.\\d+$', '\\d+', '^a\\d']) {
    // A group keeps a pattern from being simple.
    const complete = compileRegexp(`(?:${pattern})`);
    for (const text of [
      'v1.33.0',
      'v1.33',
      'v1.33\n',
      'xv1.2.3-4',
      'a1',
      'ba1',
      '',
      'v1..2',
      '\u0661',
      `${'v1.2 '.repeat(40)}v1.2.3`,
    ]) {
      expect(compileRegexp(pattern).test(text)).toBe(complete.test(text));
      expect(compileRegexp(pattern).find(text)).toEqual(complete.find(text));
    }
  }
});
