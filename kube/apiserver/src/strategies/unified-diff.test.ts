import { expect, test } from 'vitest';
import { unifiedDiff } from './unified-diff.ts';

const numbered = (changes: Record<number, string> = {}) =>
  Array.from({ length: 20 }, (_unused, index) => changes[index] ?? `line ${index}`);

test('a change is shown with three lines around it', () => {
  expect(unifiedDiff(numbered(), numbered({ 9: 'new' }))).toBe(
    '@@ -8,7 +8,7 @@\n  "line 6",\n  "line 7",\n  "line 8",\n- "line 9",\n+ "new",\n  "line 10",\n  "line 11",\n  "line 12",\n',
  );
});

test('changes that are far apart have a part each, near ones share one', () => {
  const headers = (text: string) => text.match(/^@@.*@@$/gm);

  expect(headers(unifiedDiff(numbered(), numbered({ 2: 'a', 17: 'b' })))).toEqual([
    '@@ -1,7 +1,7 @@',
    '@@ -16,7 +16,7 @@',
  ]);
  expect(headers(unifiedDiff(numbered(), numbered({ 5: 'a', 9: 'b' })))).toEqual(['@@ -4,11 +4,11 @@']);
});

test('what comes from nothing counts from the line before', () => {
  expect(unifiedDiff({ a: [] }, { a: [1] })).toBe('@@ -1,3 +1,5 @@\n {\n- "a": []\n+ "a": [\n+  1\n+ ]\n }\n');
  expect(unifiedDiff({ a: 1 }, { a: 1 })).toBe('');
});
