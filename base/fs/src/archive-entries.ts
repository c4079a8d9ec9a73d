import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FluxError } from '@flux/errors';
import type { TarHeader } from 'modern-tar';

/** An archive that is not extracted: malformed, too big, or with entries that may not be there. */
export class ArchiveError extends FluxError {
  override readonly code = 'ARCHIVE';
}

/** What an archive may hold at most. */
export interface ArchiveLimits {
  /** Limit of the declared sizes in total; `Infinity` lifts it. Default 100 MiB (SRC-ART-07). */
  maxBytes?: number;
  /** Limit of the number of entries, which cost a little even when they are empty. */
  maxEntries?: number;
}

/** 100 MiB, as Flux has it. */
const defaultMaxArchiveBytes = 100 * 1024 * 1024;
const defaultMaxEntries = 1_000_000;

/** Receives an entry; the body has to be read to its end or cancelled. */
type VisitEntry = (header: TarHeader, body: ReadableStream<Uint8Array>) => Promise<void>;

/** Decodes a tar.gz entry by entry. Names that leave the archive and archives beyond the limits are refused. */
export async function visitEntries(
  source: Uint8Array | AsyncIterable<Uint8Array>,
  visit: VisitEntry,
  {
    maxBytes = defaultMaxArchiveBytes,
    maxEntries = defaultMaxEntries,
    signal,
  }: ArchiveLimits & { signal?: AbortSignal },
): Promise<void> {
  let bytes = 0;
  let entries = 0;
  await decode(
    source,
    async (header, body) => {
      bytes += header.size;
      if (bytes > maxBytes) {
        throw new ArchiveError(`tar "${header.name}" is bigger than max archive size of ${maxBytes} bytes`);
      }
      if (++entries > maxEntries) throw new ArchiveError(`tar has more than ${maxEntries} entries`);
      checkName(header.name);
      await visit(header, body);
    },
    signal,
  );
}

async function decode(source: Uint8Array | AsyncIterable<Uint8Array>, visit: VisitEntry, signal?: AbortSignal) {
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
    for await (const entry of decoder.readable) await visit(entry.header, entry.body);
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

export function isSystemError(error: unknown): error is Error & { code: string } {
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

/** Stricter than upstream, which lets a trailing `..` pass (SRC-ART-07, KUS-SRC-07). */
function checkName(name: string): void {
  const parts = name.split('/');
  if (name === '' || name.startsWith('/') || name.includes('\\') || name.includes('\0') || parts.includes('..')) {
    throw new ArchiveError(`tar contained invalid name error ${JSON.stringify(name)}`);
  }
}

export function unsupported({ name, type }: TarHeader): ArchiveError {
  return new ArchiveError(`tar file entry ${name} contained unsupported file type ${type}`);
}
