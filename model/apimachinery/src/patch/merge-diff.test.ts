import { expect, test } from 'vitest';
import { mergeDiff } from './merge-diff.ts';

test('a merge patch names what changed, null for what is gone, lists as a whole', () => {
  const from = { a: 1, b: { c: 1, d: [1, 2] }, gone: true, same: { x: [] } };
  const to = { a: 2, b: { c: 1, d: [1] }, same: { x: [] }, fresh: { y: 1 } };

  expect(mergeDiff(from, to)).toEqual({ a: 2, b: { d: [1] }, gone: null, fresh: { y: 1 } });
  expect(mergeDiff(from, structuredClone(from))).toBeUndefined();
});

test('a member that is undefined counts as absent', () => {
  expect(mergeDiff({ a: undefined, b: [1n] }, { b: [1n] })).toBeUndefined();
  expect(mergeDiff({ a: 1 }, { a: undefined })).toEqual({ a: null });
});

test('a member may be called __proto__', () => {
  const patch = mergeDiff(JSON.parse('{"a":1,"__proto__":{"x":1}}'), JSON.parse('{"a":1}'));

  expect(JSON.stringify(patch)).toBe('{"__proto__":null}');
});
