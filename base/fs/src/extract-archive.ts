import { closeSync, constants, futimesSync, lstatSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TarHeader } from 'modern-tar';
import { ArchiveError, type ArchiveLimits, isSystemError, unsupported, visitEntries } from './archive-entries.ts';

export interface ExtractOptions extends ArchiveLimits {
  /** What a symlink entry does: it is never created. Default `error`. */
  symlinks?: 'error' | 'skip';
  signal?: AbortSignal;
}

/** O_NOFOLLOW keeps a planted symlink from being written through. */
const writeFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

/**
 * Extracts a tar.gz below `directory`, which is made if it is missing. Only files and directories are created, never through
 * a symlink, with no owner and at most the current time. Memory use does not depend on the size of the archive.
 */
export async function extractArchive(
  source: Uint8Array | AsyncIterable<Uint8Array>,
  directory: string,
  options: ExtractOptions = {},
): Promise<void> {
  const extraction = new Extraction(directory, options);
  extraction.start();
  await visitEntries(source, (header, body) => extraction.add(header, body), options);
}

class Extraction {
  readonly #directory: string;
  readonly #symlinks: 'error' | 'skip';
  readonly #made = new Set<string>();
  readonly #now = new Date();

  constructor(directory: string, options: ExtractOptions) {
    this.#directory = directory;
    this.#symlinks = options.symlinks ?? 'error';
  }

  start(): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o755 });
    this.#made.add(this.#directory);
  }

  async add(header: TarHeader, body: ReadableStream<Uint8Array>): Promise<void> {
    const path = join(this.#directory, header.name);
    if (header.type === 'directory') this.#makeDirectory(path, (header.mode ?? 0o755) | 0o700);
    else if (header.type === 'file') return this.#writeFile(path, header, body);
    else if (header.type !== 'symlink' || this.#symlinks === 'error') throw unsupported(header);
    await body.cancel();
  }

  /** System calls are synchronous: a hop to the thread pool costs many times what they do. */
  async #writeFile(path: string, header: TarHeader, body: ReadableStream<Uint8Array>): Promise<void> {
    this.#makeDirectory(dirname(path), 0o755);
    const file = openSync(path, writeFlags, (header.mode ?? 0o644) & 0o777);
    try {
      for await (const chunk of body) {
        for (let written = 0; written < chunk.length; ) written += writeSync(file, chunk, written);
      }
      const modified = header.mtime && header.mtime < this.#now ? header.mtime : this.#now;
      futimesSync(file, modified, modified);
    } finally {
      closeSync(file);
    }
  }

  #makeDirectory(path: string, mode: number): void {
    if (this.#made.has(path)) return;
    this.#makeDirectory(dirname(path), 0o755);
    try {
      mkdirSync(path, { mode: mode & 0o777 });
    } catch (error) {
      if (!isSystemError(error) || error.code !== 'EEXIST') throw error;
      if (!lstatSync(path).isDirectory()) throw new ArchiveError(`mkdir ${path}: not a directory`);
    }
    this.#made.add(path);
  }
}
