import { expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

test('a burst passes at once, then requests wait for their turn', () => {
  let now = 0;
  const bucket = new TokenBucket({ perSecond: 50, burst: 3, now: () => now });

  expect([1, 2, 3, 4, 5].map(() => bucket.take())).toEqual([0, 0, 0, 20, 40]);
  now = 1000;
  expect(bucket.take()).toBe(0);
});
