import { createHash } from 'node:crypto';
import { closeSync, createWriteStream, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { IgnoreRules } from './ignore-rules.ts';
import { sortNames } from './names.ts';

/** A hash that sees the packed bytes; the streams of `@flux/crypto` fit. */
export interface PackDigest {
  update(chunk: Uint8Array): void;
  /** `algorithm:hex` */
  digest(): string;
}

export interface PackOptions {
  /** What is left out; paths are relative to the directory. */
  ignore?: IgnoreRules;
  /** SHA-256 when unset. */
  digest?: PackDigest;
  signal?: AbortSignal;
}

export interface Packed {
  /** `algorithm:hex` of the packed bytes. */
  digest: string;
  /** In bytes. */
  size: number;
}

/** A regular file of an archive that never was on disk. */
export interface PackedFile {
  path: string;
  bytes: Uint8Array;
}

/** Packs files that are in memory as reproducibly as `packDirectory` does, in the given order. */
export function packFiles(
  files: Iterable<PackedFile>,
  options: Omit<PackOptions, 'ignore'> = {},
): Promise<PackedBytes> {
  const entries = Iterator.from(files).map(({ path, bytes }) => ({
    path,
    size: bytes.length,
    mode: 0o600,
    chunks: () => [bytes],
  }));
  return toBytes(entries, options);
}

/** A packed archive in memory. */
export type PackedBytes = Packed & { bytes: Uint8Array };

/**
 * Writes a directory as a reproducible tar.gz: lexical order, regular files and directories only, no owners, no times, modes
 * 0700, 0600 and 0750 (SRC-ART-05). Equal content gives equal bytes. The file is created with mode 0600.
 */
export async function packDirectory(directory: string, file: string, options: PackOptions = {}): Promise<Packed> {
  return pack(entriesOf(directory, options.ignore), createWriteStream(file, { mode: 0o600 }), options);
}

/** Like `packDirectory`, into memory. */
export async function packToBytes(directory: string, options: PackOptions = {}): Promise<PackedBytes> {
  return toBytes(entriesOf(directory, options.ignore), options);
}

async function toBytes(entries: Iterable<Entry>, options: PackOptions): Promise<PackedBytes> {
  const chunks: Uint8Array[] = [];
  const sink = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { ...(await pack(entries, sink, options)), bytes: Buffer.concat(chunks) };
}

async function pack(entries: Iterable<Entry>, sink: Writable, options: PackOptions): Promise<Packed> {
  const { createGzip } = await import('node:zlib');
  const digest = options.digest ?? sha256();
  let size = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      // The gzip header names the operating system; 255 (unknown) keeps digests equal on all of them.
      if (size <= 9 && size + chunk.length > 9) chunk[9 - size] = 255;
      size += chunk.length;
      digest.update(chunk);
      done(null, chunk);
    },
  });
  const { signal } = options;
  await pipeline(Readable.from(tarBlocks(entries)), createGzip(), meter, sink, signal ? { signal } : {});
  return { digest: digest.digest(), size };
}

function sha256(): PackDigest {
  const hash = createHash('sha256');
  return { update: (chunk) => void hash.update(chunk), digest: () => `sha256:${hash.digest('hex')}` };
}

const chunkBytes = 64 * 1024;

interface Entry {
  /** Relative to the root, `.` for the root itself. */
  path: string;
  size: number;
  mode: number;
  /** Absent for a directory. */
  chunks?: () => Iterable<Uint8Array>;
}

async function* tarBlocks(entries: Iterable<Entry>): AsyncGenerator<Uint8Array> {
  const { createTarPacker } = await import('modern-tar');
  const { readable, controller } = createTarPacker();
  const reader = readable.getReader();
  const writing = writeEntries(entries, controller).catch((error: unknown) => controller.error(error));
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel(); // ends the writing side too when the consumer stops early
    await writing;
  }
}

async function writeEntries(entries: Iterable<Entry>, controller: TarController) {
  for (const { path, size, mode, chunks } of entries) {
    const type = chunks ? 'file' : 'directory';
    const body = controller.add({ name: path, type, size, mode, mtime: new Date(0), uid: 0, gid: 0 }).getWriter();
    if (chunks && size > 0) for (const chunk of chunks()) await body.write(chunk);
    await body.close();
  }
  controller.finalize();
}

type TarController = ReturnType<typeof import('modern-tar').createTarPacker>['controller'];

/** Synchronous: a hop to the thread pool costs many times what reading a manifest does. */
function* readChunks(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const buffer = Buffer.allocUnsafe(chunkBytes);
      const read = readSync(file, buffer, 0, chunkBytes, null);
      if (read === 0) return;
      yield buffer.subarray(0, read);
    }
  } finally {
    closeSync(file);
  }
}

/** Go's filepath.Walk: a directory before its content, names in byte order. What is neither file nor directory is left out. */
function* entriesOf(root: string, ignore: IgnoreRules | undefined, path = '.'): Generator<Entry> {
  const stat = lstatSync(join(root, path));
  const isDirectory = stat.isDirectory();
  if (!isDirectory && !stat.isFile()) return;
  const isIgnored = path !== '.' && ignore?.(path, isDirectory);
  if (!isDirectory) {
    const mode = (stat.mode & 0o111) !== 0 ? 0o700 : 0o600;
    if (!isIgnored) yield { path, size: stat.size, mode, chunks: () => readChunks(join(root, path)) };
    return;
  }
  if (!isIgnored) yield { path, size: 0, mode: 0o750 };
  for (const name of sortNames(readdirSync(join(root, path)))) {
    yield* entriesOf(root, ignore, path === '.' ? name : `${path}/${name}`);
  }
}
