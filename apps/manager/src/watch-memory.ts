import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FluxError, messageOf } from '@flux/errors';
import { formatBinaryBytes } from '@flux/gotypes';
import type { Logger } from '@flux/runtime';

/** `--oom-watch-*` of helm-controller (HELM-CTRL-06). */
export interface MemoryWatchOptions {
  /** Per cent of the limit at which the process stops. */
  threshold: number;
  intervalMs: number;
  /** Files of the limit and of what is in use; empty: where cgroups have them. */
  limitPath?: string;
  usagePath?: string;
}

/** The memory of the process cannot be watched; the message says why. */
class MemoryWatchError extends FluxError {
  override readonly code = 'MEMORY_WATCH';
}

const cgroups = '/sys/fs/cgroup';
const leastIntervalMs = 50;

/**
 * Aborts the signal it gives when the container comes near its memory limit, so that the process stops as if it were asked
 * to: a killed one leaves releases pending (gate `OOMWatch`). The kernel tells nobody of this limit, so its file is read
 * again and again.
 */
export async function watchMemory(options: MemoryWatchOptions, log: Logger): Promise<AbortSignal & Disposable> {
  const { threshold, intervalMs } = options;
  if (threshold < 1 || threshold > 100) {
    throw new MemoryWatchError(`memory usage percent threshold must be between 1 and 100, got ${threshold}`);
  }
  if (intervalMs < leastIntervalMs) {
    throw new MemoryWatchError(`interval must be at least ${leastIntervalMs}ms, got ${intervalMs}ms`);
  }
  const limitPath = options.limitPath || (await findFile('max', ['memory.max', 'memory/memory.limit_in_bytes']));
  const usagePath =
    options.usagePath || (await findFile('current', ['memory.current', 'memory/memory.usage_in_bytes']));
  const limit = await readBytes(limitPath).catch((cause: unknown) => {
    throw new MemoryWatchError(`failed to read memory usage limit: ${messageOf(cause)}`, { cause });
  });
  await readBytes(usagePath).catch((cause: unknown) => {
    throw new MemoryWatchError(`failed to confirm existence of current memory usage file: ${messageOf(cause)}`, {
      cause,
    });
  });
  const controller = new AbortController();
  const check = async () => {
    const used = await readBytes(usagePath).catch((error: unknown) => {
      log.error(error, 'Failed to read current memory usage, skipping check');
      return 0;
    });
    if ((used / limit) * 100 < threshold || controller.signal.aborted) return;
    log.info(`Memory usage is near OOM (${formatBinaryBytes(used)}/${formatBinaryBytes(limit)}), shutting down`);
    clearInterval(timer);
    controller.abort();
  };
  const timer = setInterval(() => void check(), intervalMs).unref();
  return Object.assign(controller.signal, { [Symbol.dispose]: () => clearInterval(timer) });
}

async function findFile(what: 'max' | 'current', names: readonly string[]): Promise<string> {
  for (const name of names) {
    const path = join(cgroups, name);
    if (await lstat(path).catch(() => undefined)) return path;
  }
  throw new MemoryWatchError(`failed to discover ${what} memory path, please specify it manually`);
}

/** `max`, which cgroups write where there is no limit, is no number. */
async function readBytes(path: string): Promise<number> {
  const text = (await readFile(path, 'utf8')).trim();
  if (!/^\d+$/.test(text))
    throw new MemoryWatchError(`${path} holds ${JSON.stringify(text)}, which is no number of bytes`);
  return Number(text);
}
