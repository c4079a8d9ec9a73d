import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deepEqual } from '../deep.ts';
import type { JsonValue } from '../object.ts';
import { applyMergePatch } from './merge-patch.ts';

test('objects merge, null removes, everything else replaces', () => {
  const document = { a: { b: 1, c: [1] }, d: 2 };

  expect(applyMergePatch(document, { a: { b: null, c: [2], e: { f: null, g: 1 } }, d: null })).toEqual({
    a: { c: [2], e: { g: 1 } },
  });
  expect(document).toEqual({ a: { b: 1, c: [1] }, d: 2 });
});

test.for([
  [null, 'Invalid JSON Patch'],
  [[], 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}'],
  ['x', 'error decoding patch: json: cannot unmarshal string into Go value of type map[string]interface {}'],
] as const)('%j is no patch', ([patch, message]) => {
  expect(() => applyMergePatch({}, patch)).toThrow(message);
});

test('a patch twice is a patch once, and no patch reaches a prototype', () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'constructor'), fc.jsonValue()),
      (document, patch) => {
        const once = applyMergePatch(document as JsonValue, patch);

        expect(deepEqual(applyMergePatch(once, patch), once)).toBe(true);
        expect(Object.getPrototypeOf(once)).toBe(Object.prototype);
      },
    ),
  );
});
