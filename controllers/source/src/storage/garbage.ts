import { lstat, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** How long and how many files besides the current one are kept. */
export interface Retention {
  ttlMs: number;
  records: number;
}

interface GarbageOptions extends Retention {
  now: Date;
  signal: AbortSignal;
}

interface StoredFile {
  path: string;
  modifiedMs: number;
}

const maxFiles = 1000;

/**
 * Deletes files beside `current` that are older than the TTL, then the oldest until `records` files are left, the current
 * one counted but never deleted. Consumers may still be downloading the previous one, so it is not deleted at once.
 */
export async function collectGarbage(current: string, options: GarbageOptions): Promise<string[]> {
  const files = await listFiles(dirname(current), basename(current));
  const oldestFirst = files.sort((a, b) => a.modifiedMs - b.modifiedMs);
  const limit = options.now.getTime() - options.ttlMs;
  const expired = oldestFirst.filter(({ modifiedMs }) => modifiedMs < limit);
  const rest = oldestFirst.filter(({ modifiedMs }) => modifiedMs >= limit);
  const surplus = rest.slice(0, Math.max(rest.length + 1 - options.records, 0));
  const removed: string[] = [];
  for (const { path } of [...expired, ...surplus]) {
    options.signal.throwIfAborted();
    await rm(path, { force: true });
    await rm(`${path}.lock`, { force: true });
    removed.push(path);
  }
  return removed;
}

/** Regular files other than the current one; symlinks such as `latest.tar.gz` and lock files do not count. */
async function listFiles(directory: string, current: string): Promise<StoredFile[]> {
  const names = (await readdir(directory))
    .filter((name) => name !== current && !name.endsWith('.lock'))
    .slice(0, maxFiles);
  const files: StoredFile[] = [];
  for (const name of names) {
    const path = join(directory, name);
    const found = await lstat(path).catch(() => undefined); // another pass may have been faster
    if (found?.isFile()) files.push({ path, modifiedMs: found.mtimeMs });
  }
  return files;
}
