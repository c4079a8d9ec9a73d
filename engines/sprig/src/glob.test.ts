import { describe, expect, it } from 'vitest';
import { compileGlob } from './glob.ts';

const matches = (pattern: string, path: string) => compileGlob(pattern)?.(path);

describe('compileGlob', () => {
  it.each([
    ['conf/*.yaml', ['conf/a.yaml', 'conf/.yaml'], ['conf/a.yml', 'conf/a/b.yaml', 'a.yaml', 'conf/a.yaml/']],
    ['a*b*c', ['abc', 'a-b-bc', 'abbcc'], ['ac', 'abcb', 'xabc', 'a/bc']],
    ['*a*a', ['aa', 'xaya'], ['a', 'ab', 'aab']],
    ['a.b', ['a.b'], ['axb', 'a.b.c']],
    ['*', ['a', '', 'a\nb'], ['a/b']],
    ['**.txt', ['a/b.txt', '.txt'], ['a/b.text']],
    ['a**b*c', ['a/x/b-c', 'abc'], ['a/b/c']],
    ['?/{a,b*}', ['x/a', 'y/bcd'], ['xx/a', 'x/c']],
    ['[a-c]x', ['bx'], ['dx']],
  ])('%s', (pattern, yes, no) => {
    expect(yes.map((path) => matches(pattern, path))).toEqual(yes.map(() => true));
    expect(no.map((path) => matches(pattern, path))).toEqual(no.map(() => false));
  });

  it('refuses what is not closed', () => {
    expect([compileGlob('{a'), compileGlob('[a')]).toEqual([undefined, undefined]);
  });

  it('takes time linear in the name', () => {
    expect(matches(`${'*a'.repeat(500)}b`, 'a'.repeat(100_000))).toBe(false);
  });
});
