import { open } from 'node:fs/promises';
import type { IndexSource } from './repository-index.ts';

const chunkBytes = 256 * 1024;

/** A file as a source of an index, read through one buffer: a reader that makes a new one each time leaves 50 MB of them behind. */
export function indexFile(path: string): IndexSource {
  return async function* () {
    await using file = await open(path);
    const buffer = Buffer.allocUnsafeSlow(chunkBytes);
    for (;;) {
      const { bytesRead } = await file.read(buffer);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  };
}
