import { expect, test } from 'vitest';
import { quoteGo } from './quote.ts';

test('text is quoted as %q quotes it', () => {
  expect(quoteGo('a "b"\\ é\n\x01\x7f😀\u200b')).toBe('"a \\"b\\"\\\\ é\\n\\x01\\x7f😀\\u200b"');
});
