import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A private directory (mode 0700) that is gone, with all it holds, when it is disposed. */
export interface TemporaryDirectory extends AsyncDisposable {
  /** With symlinks resolved. */
  readonly path: string;
}

/** Makes `<prefix>-<random>` in the temporary directory of the system. */
export async function temporaryDirectory(prefix: string): Promise<TemporaryDirectory> {
  const name = prefix.replace(/[^A-Za-z0-9._-]/g, '-');
  const path = await realpath(await mkdtemp(join(tmpdir(), `${name}-`)));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}
