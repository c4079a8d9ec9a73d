import { closeSync, constants, futimesSync, lstatSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FluxError } from '@flux/errors';
import type { TarHeader } from 'modern-tar';

/** An archive that is not extracted: malformed, too big, or with entries that may not be there. */
export class ArchiveError extends FluxError {
  override readonly code = 'ARCHIVE';
}

export interface ExtractOptions {
  /** Limit of the declared sizes in total; `Infinity` lifts it. Default 100 MiB (SRC-ART-07). */
  maxBytes?: number;
  /** Limit of the number of entries, which cost a little even when they are empty. */
  maxEntries?: number;
  /** What a symlink entry does: it is never created. Default `error`. */
  symlinks?: 'error' | 'skip';
  signal?: AbortSignal;
}

/** 100 MiB, as Flux has it. */
export const defaultMaxArchiveBytes = 100 * 1024 * 1024;
const defaultMaxEntries = 1_000_000;
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
  await decode(source, extraction, options.signal);
}

async function decode(source: Uint8Array | AsyncIterable<Uint8Array>, extraction: Extraction, signal?: AbortSignal) {
  const { createTarDecoder } = await import('modern-tar');
  const { createGunzip } = await import('node:zlib');
  const decoder = createTarDecoder({ strict: true });
  const stop = new AbortController();
  const feeding = pipeline(
    Readable.from(source instanceof Uint8Array ? [source] : source),
    createGunzip(),
    Writable.fromWeb(decoder.writable),
    { signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal },
  ).then(
    () => undefined,
    (error: unknown) => error,
  );
  try {
    for await (const entry of decoder.readable) await extraction.add(entry.header, entry.body);
  } catch (error) {
    stop.abort();
    const fed = await feeding;
    signal?.throwIfAborted();
    throw toArchiveError(error, fed);
  }
  const failure = await feeding;
  if (failure !== undefined) throw toArchiveError(failure, failure);
}

/** The error of the reading side is what matters, unless the bytes were bad before they were read as a tar. */
function toArchiveError(error: unknown, fed: unknown): unknown {
  if (error instanceof ArchiveError) return error;
  if (isGzipError(fed)) return new ArchiveError(`requires gzip-compressed body: ${gzipText(fed)}`, { cause: fed });
  if (isSystemError(error) || !(error instanceof Error)) return error;
  if (fed instanceof Error && isSystemError(fed) && !isAbort(fed)) return fed;
  return new ArchiveError(`tar error: ${error.message}`, { cause: error });
}

function isGzipError(error: unknown): error is Error & { code: string } {
  return isSystemError(error) && error.code.startsWith('Z_');
}

function isSystemError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

function isAbort(error: Error): boolean {
  return error.name === 'AbortError';
}

/** Go's words for what zlib says. */
function gzipText(error: Error & { code: string }): string {
  if (error.message === 'incorrect header check') return 'gzip: invalid header';
  return error.code === 'Z_BUF_ERROR' ? 'unexpected EOF' : error.message;
}

class Extraction {
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly #maxEntries: number;
  readonly #symlinks: 'error' | 'skip';
  readonly #made = new Set<string>();
  readonly #now = new Date();
  #bytes = 0;
  #entries = 0;

  constructor(directory: string, options: ExtractOptions) {
    this.#directory = directory;
    this.#maxBytes = options.maxBytes ?? defaultMaxArchiveBytes;
    this.#maxEntries = options.maxEntries ?? defaultMaxEntries;
    this.#symlinks = options.symlinks ?? 'error';
  }

  start(): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o755 });
    this.#made.add(this.#directory);
  }

  async add(header: TarHeader, body: ReadableStream<Uint8Array>): Promise<void> {
    this.#count(header);
    checkName(header.name);
    const path = join(this.#directory, header.name);
    if (header.type === 'directory') this.#makeDirectory(path, (header.mode ?? 0o755) | 0o700);
    else if (header.type === 'file') return this.#writeFile(path, header, body);
    else if (header.type !== 'symlink' || this.#symlinks === 'error') throw unsupported(header);
    await body.cancel();
  }

  #count(header: TarHeader): void {
    this.#bytes += header.size;
    if (this.#bytes > this.#maxBytes) {
      throw new ArchiveError(`tar "${header.name}" is bigger than max archive size of ${this.#maxBytes} bytes`);
    }
    if (++this.#entries > this.#maxEntries) throw new ArchiveError(`tar has more than ${this.#maxEntries} entries`);
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

/** Stricter than upstream, which lets a trailing `..` pass (SRC-ART-07, KUS-SRC-07). */
function checkName(name: string): void {
  const parts = name.split('/');
  if (name === '' || name.startsWith('/') || name.includes('\\') || name.includes('\0') || parts.includes('..')) {
    throw new ArchiveError(`tar contained invalid name error ${JSON.stringify(name)}`);
  }
}

function unsupported({ name, type }: TarHeader): ArchiveError {
  return new ArchiveError(`tar file entry ${name} contained unsupported file type ${type}`);
}
