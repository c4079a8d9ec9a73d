import { applyJsonPatch } from '@flux/apimachinery';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonDiff } from './json-diff.ts';

test('differences are told by key and position', () => {
  const before = { a: 1, list: [{ x: 1 }, 2, 3], gone: true };
  const after = { a: 2, list: [{ x: 1, y: 2 }, 2], 'n/e~w': 1 };

  expect(jsonDiff(before, after)).toEqual([
    { op: 'replace', path: '/a', value: 2 },
    { op: 'remove', path: '/gone' },
    { op: 'add', path: '/list/0/y', value: 2 },
    { op: 'remove', path: '/list/2' },
    { op: 'add', path: '/n~1e~0w', value: 1 },
  ]);
});

test('applying the difference gives the other value', () => {
  const value = fc.dictionary(fc.stringMatching(/^[a-z/~]{1,3}$/), fc.jsonValue({ maxDepth: 3 }));
  fc.assert(
    fc.property(value, value, (before, after) => {
      const patched = applyJsonPatch(structuredClone(before) as never, jsonDiff(before, after) as never);
      expect(JSON.parse(JSON.stringify(patched))).toEqual(JSON.parse(JSON.stringify(after)));
    }),
    { numRuns: 200 },
  );
});
