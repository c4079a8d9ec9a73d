import { expect, test } from 'vitest';
import { formatJson } from './json.ts';

test('integers beyond 2^53 are written exactly', () => {
  expect(formatJson({ a: 9007199254740993n, b: [1.5], c: undefined })).toBe('{"a":9007199254740993,"b":[1.5]}');
});
