import { expect, test } from 'vitest';
import { systemRandomBytes } from './random-bytes.ts';

test('random bytes are as many as were asked for, and never the same twice', () => {
  const seen = new Set<string>();
  for (let round = 0; round < 100; round++) {
    const bytes = systemRandomBytes(round % 2 === 0 ? 16 : 250);
    expect(bytes.length).toBe(round % 2 === 0 ? 16 : 250);
    seen.add(Buffer.from(bytes.subarray(0, 16)).toString('hex'));
  }
  expect(seen.size).toBe(100);
  expect(systemRandomBytes(1000).length).toBe(1000);
  expect(systemRandomBytes(0).length).toBe(0);
});
