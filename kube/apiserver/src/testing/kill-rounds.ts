import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { Database } from '../storage/database.ts';
import { Store } from '../storage/store.ts';
import { contentsOf, countBatches, writeBatch } from './numbered-writes.ts';

const program = new URL('./store-until-killed.ts', import.meta.url).pathname;

/**
 * Kills a writing process at a random moment, again and again, and looks each time whether the directory holds every
 * acknowledged batch, no part of another, and the very objects that these batches leave.
 */
export async function surviveKills(directory: string, rounds: number): Promise<void> {
  const expected = new Store();
  let replayed = 0;
  for (let round = 0; round < rounds; round++) {
    const acknowledged = await writeUntilKilled(directory, Math.floor(Math.random() * 60));
    const store = new Store({ database: await Database.open(directory) });
    const batches = countBatches(store);
    expect(batches).toBeGreaterThanOrEqual(Math.max(acknowledged, replayed));
    while (replayed < batches) writeBatch(expected, replayed++);
    expect(contentsOf(store)).toEqual(contentsOf(expected));
    await store.close();
  }
}

/** Kills the writer `afterMs` after its first word, in the middle of whatever it does; answers its last word. */
async function writeUntilKilled(directory: string, afterMs: number): Promise<number> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  let last = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (last === 0) setTimeout(() => child.kill('SIGKILL'), afterMs);
    last = Number(line);
  }
  await ended;
  return last;
}
