import { expect, test } from 'vitest';
import { createDigest, digest, digestAlgorithms, digestsEqual, parseDigest, sha256Hex } from './index.ts';

test('digests are written as algorithm and hex', async () => {
  expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(await digest('sha1', 'abc')).toBe('sha1:a9993e364706816aba3e25717850c26c9cd0d89d');
  expect(await digest('blake3', '')).toBe('blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262');
});

test.each(digestAlgorithms)('%s fed in pieces equals the whole, and parses back', async (algorithm) => {
  const stream = await createDigest(algorithm);
  stream.update('a');
  stream.update(new TextEncoder().encode('bc'));
  const pieces = stream.digest();

  expect(pieces).toBe(await digest(algorithm, 'abc'));
  expect(parseDigest(pieces)).toEqual({ algorithm, hex: pieces.split(':')[1] });
});

test('a bare digest is SHA-256 (KUS-SRC-06)', () => {
  expect(parseDigest(sha256Hex('x')).algorithm).toBe('sha256');
});

test.each([
  ['md5:00', 'unsupported digest algorithm'],
  ['sha256:00', 'invalid checksum digest length'],
  [`sha256:${'Z'.repeat(64)}`, 'invalid checksum digest format'],
  ['__proto__:00', 'unsupported digest algorithm'],
])('%s is refused', (text, message) => {
  expect(() => parseDigest(text)).toThrow(message);
});

test('digests are compared whole', () => {
  expect(digestsEqual('sha256:aa', 'sha256:aa')).toBe(true);
  expect(digestsEqual('sha256:aa', 'sha256:ab')).toBe(false);
  expect(digestsEqual('sha256:aa', 'sha256:aaa')).toBe(false);
});
