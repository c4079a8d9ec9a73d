import { expect, test, vi } from 'vitest';
import { type WorkItem, WorkQueue, type WorkQueueOptions } from './work-queue.ts';

/** A queue whose items end when the test says so. */
function manualQueue(options: Partial<WorkQueueOptions> = {}) {
  const started: WorkItem[] = [];
  const running = new Map<string, () => void>();
  const queue = new WorkQueue({
    concurrency: 1,
    minRetryMs: 750,
    maxRetryMs: 900_000,
    ...options,
    process: (item) => {
      started.push(item);
      return new Promise((resolve) => running.set(item.key, resolve));
    },
  });
  const end = async (key: string) => {
    running.get(key)?.();
    running.delete(key);
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  return { queue, started, end, keys: () => started.map((item) => item.key) };
}

test('a key waits at most once, with all its causes', async () => {
  const { queue, started, end } = manualQueue();
  queue.add('busy');
  queue.add('a', { cause: 'one' });
  queue.add('a', { cause: 'two' });
  await end('busy');

  expect(started[1]).toMatchObject({ key: 'a', causes: ['one', 'two'] });
  await end('a');
  expect(started).toHaveLength(2);
});

test('a key that is added while processed comes once more, never twice at the same time', async () => {
  const requeued: string[] = [];
  const { queue, keys, end } = manualQueue({
    concurrency: 4,
    onRequeued: (key, cause) => requeued.push(`${key} ${cause}`),
  });
  queue.add('a');
  queue.add('a', { cause: 'again' });
  queue.add('a', { cause: 'and again' });

  expect(keys()).toEqual(['a']);
  await end('a');
  expect(keys()).toEqual(['a', 'a']);
  expect(requeued).toEqual(['a again', 'a and again']);
});

test('what somebody waits for goes first, and first come is first served', async () => {
  const { queue, keys, end } = manualQueue();
  for (const key of ['busy', 'a', 'b', 'c']) queue.add(key);
  queue.add('c', { interactive: true });
  queue.add('d', { interactive: true });
  for (const key of ['busy', 'c', 'd', 'a', 'b']) await end(key);

  expect(keys()).toEqual(['busy', 'c', 'd', 'a', 'b']);
});

test('delays double from the shortest to the longest, and start again after success', () => {
  vi.useFakeTimers();
  const { queue } = manualQueue();
  const delays = Array.from({ length: 13 }, () => queue.addRateLimited('a'));
  queue.forget('a');

  expect(delays.slice(0, 4)).toEqual([750, 1500, 3000, 6000]);
  expect(delays.at(-1)).toBe(900_000);
  expect(queue.addRateLimited('a')).toBe(750);
  vi.useRealTimers();
});

test('the newest timer of a key replaces the former, and a start cancels it', () => {
  vi.useFakeTimers();
  const { queue, keys } = manualQueue({ concurrency: 9 });
  queue.addAfter('a', 1000);
  queue.addAfter('a', 5000);
  vi.advanceTimersByTime(4999);
  expect(keys()).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(keys()).toEqual(['a']);

  queue.addAfter('b', 1000);
  queue.add('b');
  vi.advanceTimersByTime(10_000);
  expect(keys()).toEqual(['a', 'b']);
  vi.useRealTimers();
});

test('an interval longer than a timer can hold does not fire at once', () => {
  vi.useFakeTimers();
  const { queue, keys } = manualQueue();
  const days = 86_400_000;
  queue.addAfter('a', 60 * days);
  vi.advanceTimersByTime(59 * days);
  expect(keys()).toEqual([]);
  vi.advanceTimersByTime(2 * days);
  expect(keys()).toEqual(['a']);
  vi.useRealTimers();
});

test('a shutdown waits for what is under way and starts nothing more', async () => {
  const { queue, keys, end } = manualQueue();
  queue.add('a');
  queue.add('b');
  let isDown = false;
  const down = queue.shutDown().then(() => {
    isDown = true;
  });
  await Promise.resolve();
  expect(isDown).toBe(false);
  await end('a');
  await down;

  queue.add('c');
  expect(keys()).toEqual(['a']);
});
