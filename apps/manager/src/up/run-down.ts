import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { DataDirectoryError, locateDataDirectory } from './data-directory.ts';
import type { DownOptions } from './options.ts';
import { isAlive, readRuntimeFile } from './runtime-file.ts';

const graceMs = 30_000;

/** `flux down`: stops the `flux up` of a data directory and, with `purge`, removes the directory. Returns the exit code. */
export async function runDown(options: DownOptions): Promise<number> {
  const data = locateDataDirectory(options.dataDirectory);
  const runtime = await readRuntimeFile(data);
  if (runtime?.pid !== undefined && isAlive(runtime.pid)) {
    options.print(`► stopping process ${runtime.pid}`);
    process.kill(runtime.pid, 'SIGTERM');
    await untilGone(runtime.pid);
    options.print('✔ stopped');
  } else {
    options.print(`✔ nothing is running from ${data.root}`);
  }
  if (options.purge) {
    // Only a directory of ours is removed: a wrong --data-dir must not cost anybody their files.
    if (existsSync(data.root) && !existsSync(data.cluster)) {
      throw new DataDirectoryError(`${data.root} is not a data directory of flux up; nothing was removed`);
    }
    await rm(data.root, { recursive: true, force: true });
    options.print(`✔ ${data.root} removed`);
  }
  return 0;
}

/** A process that is not our child tells nobody when it ends; asking is all there is. */
async function untilGone(pid: number): Promise<void> {
  const deadline = Date.now() + graceMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) throw new DataDirectoryError(`process ${pid} did not stop within ${graceMs / 1000} s`);
    await delay(50);
  }
}
