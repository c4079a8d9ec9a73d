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

/**
 * Writes a directory as a reproducible tar.gz: lexical order, regular files and directories only, no owners, no times, modes
 * 0700, 0600 and 0750 (SRC-ART-05). Equal content gives equal bytes. The file is created with mode 0600.
 */
export async function packDirectory(directory: string, file: string, options: PackOptions = {}): Promise<Packed> {
  return pack(directory, createWriteStream(file, { mode: 0o600 }), options);
}

/** Like `packDirectory`, into memory. */
export async function packToBytes(
  directory: string,
  options: PackOptions = {},
): Promise<Packed & { bytes: Uint8Array }> {
  const chunks: Uint8Array[] = [];
  const sink = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { ...(await pack(directory, sink, options)), bytes: Buffer.concat(chunks) };
}

async function pack(directory: string, sink: Writable, options: PackOptions): Promise<Packed> {
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
  await pipeline(
    Readable.from(tarBlocks(directory, options.ignore)),
    createGzip(),
    meter,
    sink,
    signal ? { signal } : {},
  );
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
  isDirectory: boolean;
  size: number;
  executable: boolean;
}

async function* tarBlocks(directory: string, ignore: IgnoreRules | undefined): AsyncGenerator<Uint8Array> {
  const { createTarPacker } = await import('modern-tar');
  const { readable, controller } = createTarPacker();
  const reader = readable.getReader();
  const writing = writeEntries(directory, ignore, controller).catch((error: unknown) => controller.error(error));
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel(); // ends the writing side too when the consumer stops early
    await writing;
  }
}

async function writeEntries(directory: string, ignore: IgnoreRules | undefined, controller: TarController) {
  for (const { path, isDirectory, size, executable } of walk(directory, '.')) {
    if (path !== '.' && ignore?.(path, isDirectory)) continue;
    const body = controller
      .add({
        name: path,
        type: isDirectory ? 'directory' : 'file',
        size,
        mode: isDirectory ? 0o750 : executable ? 0o700 : 0o600,
        mtime: new Date(0),
        uid: 0,
        gid: 0,
      })
      .getWriter();
    if (size > 0) for (const chunk of readChunks(join(directory, path))) await body.write(chunk);
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
function* walk(root: string, path: string): Generator<Entry> {
  const stat = lstatSync(join(root, path));
  if (!stat.isDirectory() && !stat.isFile()) return;
  const isDirectory = stat.isDirectory();
  yield { path, isDirectory, size: isDirectory ? 0 : stat.size, executable: (stat.mode & 0o111) !== 0 };
  if (!isDirectory) return;
  for (const name of sortNames(readdirSync(join(root, path)))) {
    yield* walk(root, path === '.' ? name : `${path}/${name}`);
  }
}
