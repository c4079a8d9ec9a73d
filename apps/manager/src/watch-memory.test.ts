import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { type Logger, silentLog } from '@flux/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { watchMemory } from './watch-memory.ts';

let directory: TemporaryDirectory;
const path = (name: string) => join(directory.path, name);

beforeAll(async () => {
  directory = await temporaryDirectory('memory');
  await writeFile(path('limit'), '1048576000\n');
  await writeFile(path('unlimited'), 'max\n');
});
afterAll(() => directory[Symbol.asyncDispose]());

test('a process near its memory limit is told to stop (HELM-CTRL-07)', async () => {
  await writeFile(path('usage'), '524288000\n');
  const lines: string[] = [];
  const log: Logger = { ...silentLog, info: (text) => void lines.push(text) };
  const options = { threshold: 95, intervalMs: 50, limitPath: path('limit'), usagePath: path('usage') };
  using signal = await watchMemory(options, log);
  const stopped = new Promise((resolve) => signal.addEventListener('abort', resolve));
  expect(signal.aborted).toBe(false);

  await writeFile(path('usage'), '996147200\n');

  await stopped;
  expect(lines).toEqual(['Memory usage is near OOM (950.0 MiB/1000.0 MiB), shutting down']);
});

test.each([
  [{ threshold: 0 }, 'memory usage percent threshold must be between 1 and 100, got 0'],
  [{ intervalMs: 10 }, 'interval must be at least 50ms, got 10ms'],
  [{ limitPath: '/nowhere' }, 'failed to read memory usage limit: ENOENT'],
  [{ limitPath: 'unlimited' }, 'holds "max", which is no number of bytes'],
  [{ usagePath: '/nowhere' }, 'failed to confirm existence of current memory usage file: ENOENT'],
])('%j cannot be watched, and that is told', async (change, message) => {
  await writeFile(path('usage'), '1\n');
  const options = { threshold: 95, intervalMs: 500, limitPath: path('limit'), usagePath: path('usage'), ...change };
  if (options.limitPath === 'unlimited') options.limitPath = path('unlimited');

  await expect(watchMemory(options, silentLog)).rejects.toThrow(message);
});
