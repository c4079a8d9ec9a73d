import { describe, expect, it } from 'vitest';
import { compileRegexp } from './index.ts';
import { simplePattern } from './simple-pattern.ts';

const patterns = [
  '[^A-Za-z0-9]+$',
  '-r\\d+$|sha256:',
  '(.*)(@sha.*)',
  '^(Always|Never|IfNotPresent)$',
  '.*:(\\d+)',
  '^--*',
  '(-?[^a-z\\d\\-])+-?',
  'x(?:b?a)*(c|d)',
  '(\\.)+$',
  '[^a-zA-Z0-9-_.]+',
  '.*',
  'v\\d+\\.\\d+\\.\\d+',
  '^v?\\d+(?:a|b)\\w?$',
  'a?(b*|c)d?',
  '[\\w-]+|\\.',
  'x$|^a',
];

describe('simplePattern', () => {
  it.each(patterns)('gives what the engine gives: %s', (pattern) => {
    expect(simplePattern(pattern)).toBeDefined();
    const simple = compileRegexp(pattern);
    // groups around groups are not simple
    const complete = compileRegexp(`(?:(?:${pattern}))`);
    for (const text of texts()) {
      const matches = simple.findAll(text).map(({ start, end, groups }) => ({ start, end, groups }));
      expect(matches, text).toEqual(complete.findAll(text).map(({ start, end, groups }) => ({ start, end, groups })));
      expect(simple.test(text)).toBe(complete.test(text));
      expect(simple.find(text)?.start).toBe(complete.find(text)?.start);
      expect(simple.replaceAll(text, '<$1>')).toBe(complete.replaceAll(text, '<$1>'));
    }
  });

  it.each([
    '(a+)+',
    '(a|b)+',
    '(a?[a-c])+',
    '(a?b?)*',
    '(a+b)+',
    '(.?x)*',
    'a**',
    'a+?',
    'a{2}',
    '[]a]',
    '[[:alpha:]]',
    '\\s',
    '\\bx',
    'é',
    '(?i)a',
    '((a))',
    '[z-a]',
    '[a-\\d]',
    'a(b',
    '',
  ])('leaves the rest to the engine: %s', (pattern) => {
    expect(simplePattern(pattern)).toBeUndefined();
  });

  it('takes few repetitions and choices', () => {
    expect(simplePattern('a+b+c+')).toBeDefined();
    expect(simplePattern('a+b+c+d*')).toBeUndefined();
    expect(simplePattern('a?a?a?a?a?a?a?')).toBeUndefined();
  });
});

function* texts(): Iterable<string> {
  yield* ['', 'Always', 'image:1.2@sha256:00', 'v1.33.0', 'a\nb', 'x\r\ny', 'ä@sha', '-'.repeat(120)];
  let seed = 3;
  for (let round = 0; round < 300; round++) {
    let text = '';
    for (let index = round % 12; index > 0; index--) {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      text += 'aabcdvx019.-_:@ \n\rZ'[(seed >> 16) % 19];
    }
    yield text;
  }
}
