import { expect, test } from 'vitest';
import { ArchiveCache } from './archive-cache.ts';

test('an archive is loaded once for all who ask for it, and a failure only fails those who wait', async () => {
  const cache = new ArchiveCache();
  let loads = 0;
  const load = async () => {
    loads += 1;
    if (loads === 1) throw new Error('away');
    return Buffer.from('archive');
  };
  const failed = await Promise.allSettled([cache.share('a', load), cache.share('a', load)]);
  const [first, second] = await Promise.all([cache.share('a', load), cache.share('a', load)]);

  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(first).toBe(second);
  expect(loads).toBe(2);
});

test('archives beyond the limit give way, the oldest first', async () => {
  const cache = new ArchiveCache({ maxBytes: 10 });
  const loads: string[] = [];
  const load = (key: string) =>
    cache.share(key, async () => {
      loads.push(key);
      return Buffer.alloc(6);
    });
  for (const key of ['a', 'b', 'b', 'a']) await load(key);

  expect(loads).toEqual(['a', 'b', 'a']);
});

test('an archive is checked once, and again after it failed', async () => {
  const cache = new ArchiveCache();
  const archive = Buffer.from('archive');
  let checks = 0;
  const check = async () => {
    checks += 1;
    if (checks === 1) throw new Error('no chart');
  };
  await expect(cache.check(archive, check)).rejects.toThrow('no chart');
  await cache.check(archive, check);
  await cache.check(archive, check);

  expect(checks).toBe(2);
});
