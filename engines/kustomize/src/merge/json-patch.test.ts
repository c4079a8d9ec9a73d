import type { JsonObject } from '@flux/apimachinery';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CopyBudget } from '../copy-budget.ts';
import { BuildError } from '../errors.ts';
import { applyJsonPatch, parseJsonPatch } from './json-patch.ts';

function patch(object: JsonObject, operations: unknown): JsonObject {
  return applyJsonPatch(object, parseJsonPatch(JSON.stringify(operations)), new CopyBudget());
}

test('operations change maps and lists, indices may count from the end', () => {
  const object = { a: { b: 1 }, l: [1, 2, 3] };

  const patched = patch(object, [
    { op: 'add', path: '/a/c', value: { d: 1 } },
    { op: 'replace', path: '/a/b', value: 2 },
    { op: 'add', path: '/l/-', value: 4 },
    { op: 'add', path: '/l/1', value: 9 },
    { op: 'remove', path: '/l/-1' },
    { op: 'copy', from: '/a/c', path: '/e' },
    { op: 'move', from: '/l/0', path: '/f~1g' },
    { op: 'test', path: '/e/d', value: 1 },
  ]);

  expect(patched).toEqual({ a: { b: 2, c: { d: 1 } }, l: [9, 2, 3], e: { d: 1 }, 'f/g': 1 });
});

test.each([
  [
    [{ op: 'remove', path: '/x' }],
    "error in remove for path: '/x': Unable to remove nonexistent key: x: missing value",
  ],
  [[{ op: 'add', path: '/x/y', value: 1 }], 'add operation does not apply: doc is missing path: "/x/y": missing value'],
  [[{ op: 'test', path: '/a', value: 2 }], 'testing value /a failed: test failed'],
  [
    [{ op: 'replace', path: '/l/7', value: 1 }],
    'replace operation does not apply: doc is missing key: /l/7: missing value',
  ],
  [
    [{ op: 'add', path: '/l/7', value: 1 }],
    "error in add for path: '/l/7': Unable to access invalid index: 7: invalid index referenced",
  ],
  [[{ op: 'bogus', path: '/a' }], 'Unexpected kind: bogus'],
])('an operation that does not apply fails in the words of the library: %j', (operations, message) => {
  expect(() => patch({ a: 1, l: [] }, operations)).toThrow(message);
});

test('a patch may be YAML', () => {
  expect(parseJsonPatch('- op: add\n  path: /a\n  value: yes\n')).toMatchObject([
    { op: 'add', path: '/a', value: true },
  ]);
});

test('any patch applies or fails with an error of ours', () => {
  const pointer = fc
    .array(fc.constantFrom('a', 'l', '0', '-', '-1', '__proto__', 'constructor', '~0'))
    .map((parts) => `/${parts.join('/')}`);
  const operation = fc.record({
    op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
    path: pointer,
    from: pointer,
    value: fc.jsonValue(),
  });

  fc.assert(
    fc.property(fc.array(operation, { maxLength: 4 }), (operations) => {
      try {
        patch({ a: { l: [1] }, l: [{ a: 1 }] }, operations);
      } catch (error) {
        expect(error).toBeInstanceOf(BuildError);
      }
      expect(Object.keys(Object.prototype)).toEqual([]);
    }),
  );
});
