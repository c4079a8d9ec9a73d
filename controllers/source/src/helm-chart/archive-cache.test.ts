import { expect, test } from 'vitest';
import { ArchiveCache } from './archive-cache.ts';

const { signal } = new AbortController();

test('an archive is loaded once for all who ask for it, and a failure only fails those who wait', async () => {
  const cache = new ArchiveCache();
  let loads = 0;
  const load = async () => {
    loads += 1;
    if (loads === 1) throw new Error('away');
    return Buffer.from('archive');
  };
  const failed = await Promise.allSettled([cache.share('a', load, signal), cache.share('a', load, signal)]);
  const [first, second] = await Promise.all([cache.share('a', load, signal), cache.share('a', load, signal)]);

  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(first).toBe(second);
  expect(loads).toBe(2);
});

test('when the one who loads an archive gives up, the next one who waits loads it', async () => {
  const cache = new ArchiveCache();
  const first = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    first.signal.addEventListener('abort', () => reject(first.signal.reason));
  });
  const given = cache.share('a', () => aborted, first.signal);
  const load = async () => Buffer.from('archive');
  const others = [cache.share('a', load, signal), cache.share('a', load, signal)];
  first.abort(new Error('a newer revision came'));

  await expect(given).rejects.toThrow('a newer revision came');
  const [one, other] = await Promise.all(others);
  expect(one).toEqual(Buffer.from('archive'));
  expect(other).toBe(one);
});

test('archives beyond the limit give way, the oldest first', async () => {
  const cache = new ArchiveCache({ maxBytes: 10 });
  const loads: string[] = [];
  const load = (key: string) =>
    cache.share(
      key,
      async () => {
        loads.push(key);
        return Buffer.alloc(6);
      },
      signal,
    );
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
