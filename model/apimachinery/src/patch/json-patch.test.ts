import { expect, test } from 'vitest';
import type { JsonValue } from '../object.ts';
import type { StatusError } from '../status-error.ts';
import { applyJsonPatch } from './json-patch.ts';

function statusOf(run: () => unknown): number {
  try {
    run();
  } catch (error) {
    return (error as StatusError).statusCode;
  }
  return 200;
}

test.for([
  ['add', { a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
  ['add into a list', { l: [1, 3] }, [{ op: 'add', path: '/l/1', value: 2 }], { l: [1, 2, 3] }],
  ['append', { l: [1] }, [{ op: 'add', path: '/l/-', value: 2 }], { l: [1, 2] }],
  ['a negative index', { l: [1, 2] }, [{ op: 'add', path: '/l/-1', value: 3 }], { l: [1, 2, 3] }],
  ['add without a value', {}, [{ op: 'add', path: '/a' }], { a: null }],
  ['replace of a missing member', {}, [{ op: 'replace', path: '/a', value: 1 }], { a: 1 }],
  ['replace of the last item', { l: [1, 2] }, [{ op: 'replace', path: '/l/-1', value: 3 }], { l: [1, 3] }],
  ['copy from a missing source', { a: 1 }, [{ op: 'copy', from: '/x', path: '/b' }], { a: 1, b: null }],
  ['move', { a: { b: 1 } }, [{ op: 'move', from: '/a/b', path: '/c' }], { a: {}, c: 1 }],
  ['escaped pointers', { 'a/b': { '~': 1 } }, [{ op: 'remove', path: '/a~1b/~0' }], { 'a/b': {} }],
  ['test of a missing member for null', { a: 1 }, [{ op: 'test', path: '/b', value: null }], { a: 1 }],
] as [string, JsonValue, unknown, JsonValue][])('%s', ([, document, operations, want]) => {
  const before = JSON.stringify(document);

  expect(applyJsonPatch(document, operations)).toEqual(want);
  expect(JSON.stringify(document)).toBe(before);
});

test.for([
  ['remove of a missing member', [{ op: 'remove', path: '/x' }]],
  ['a failed test', [{ op: 'test', path: '/a', value: 2 }]],
  ['an index out of range', [{ op: 'add', path: '/l/5', value: 1 }]],
  ['a missing parent', [{ op: 'add', path: '/x/y', value: 1 }]],
  ['an unknown operation', [{ op: 'twist', path: '/a' }]],
  ['the whole document as target of add', [{ op: 'add', path: '', value: {} }]],
] as const)('%s is unprocessable', ([, operations]) => {
  expect(statusOf(() => applyJsonPatch({ a: 1, l: [1] }, operations))).toBe(422);
});

test('a patch that is no list is a bad request, too many operations are too large', () => {
  expect(statusOf(() => applyJsonPatch({}, {}))).toBe(400);
  expect(statusOf(() => applyJsonPatch({}, [1]))).toBe(400);
  expect(statusOf(() => applyJsonPatch({}, Array(10_001).fill({ op: 'test', path: '/a', value: null })))).toBe(413);
});

test('copies cannot blow the document up', () => {
  const double = { op: 'copy', from: '/a', path: '/a/-' };

  expect(statusOf(() => applyJsonPatch({ a: ['x'.repeat(1000)] }, Array(40).fill(double)))).toBe(422);
});

test('pointers into prototypes find nothing', () => {
  const patched = applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: 1 } }]);

  expect(Object.getPrototypeOf(patched)).toBe(Object.prototype);
  expect(statusOf(() => applyJsonPatch({}, [{ op: 'add', path: '/constructor/prototype/x', value: 1 }]))).toBe(422);
});
