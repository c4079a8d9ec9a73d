import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { packTar, type TarEntry, unpackTar } from 'modern-tar';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  extractArchive,
  packDirectory,
  packToBytes,
  sourceIgnoreRules,
  type TemporaryDirectory,
  temporaryDirectory,
} from './index.ts';

let directory: TemporaryDirectory;
let tree: string;
let out: string;

beforeEach(async () => {
  directory = await temporaryDirectory('archive-test');
  tree = join(directory.path, 'tree');
  out = join(directory.path, 'out');
  mkdirSync(join(tree, 'deploy/x'), { recursive: true });
  writeFileSync(join(tree, 'deploy/a.yaml'), 'a: 1\n', { mode: 0o644 });
  writeFileSync(join(tree, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(tree, 'deploy/x/empty'), '');
  symlinkSync('run.sh', join(tree, 'link'));
});
afterEach(() => directory[Symbol.asyncDispose]());

describe('packDirectory', () => {
  test('holds files and directories in lexical order without owners and times (SRC-ART-05)', async () => {
    const { bytes } = await packToBytes(tree);
    const headers = (await unpackTar(gunzipSync(bytes), { strict: true })).map(({ header }) => header);
    const raw = gunzipSync(bytes);

    expect(headers.map(({ name, type, mode }) => [name.replace(/\/$/, ''), type, mode?.toString(8)])).toEqual(
      [
        ['deploy', 'directory', '750'],
        ['deploy/a.yaml', 'file', '600'],
        ['deploy/x', 'directory', '750'],
        ['deploy/x/empty', 'file', '600'],
        ['run.sh', 'file', '700'],
      ].toSpliced(0, 0, ...(headers[0]!.name === '.' ? [['.', 'directory', '750']] : [])),
    );
    expect(raw.subarray(0, 2).toString()).toBe('.\0');
    expect(raw.subarray(257, 265).toString()).toBe('ustar\x0000');
    expect(raw.subarray(-1024)).toEqual(Buffer.alloc(1024));
    expect(headers.every(({ mtime, uid, gid }) => mtime?.getTime() === 0 && uid === 0 && gid === 0)).toBe(true);
    expect(bytes[9]).toBe(255);
  });

  test('equal content gives equal bytes, whatever the times and modes', async () => {
    const before = await packToBytes(tree);
    utimesSync(join(tree, 'deploy/a.yaml'), 1, 1);
    chmodSync(join(tree, 'deploy/a.yaml'), 0o600);
    const after = await packDirectory(tree, join(directory.path, 'packed.tar.gz'));

    expect(after.digest).toBe(before.digest);
    expect(readFileSync(join(directory.path, 'packed.tar.gz'))).toEqual(Buffer.from(before.bytes));
    expect(after.size).toBe(before.bytes.length);
    expect(statSync(join(directory.path, 'packed.tar.gz')).mode & 0o777).toBe(0o600);
  });

  test('an ignored directory does not take its children along (SRC-IGN-06)', async () => {
    const { bytes } = await packToBytes(tree, { ignore: sourceIgnoreRules(tree, 'deploy/\n!deploy/a.yaml') });
    await extractArchive(bytes, out);

    expect(readdirSync(out, { recursive: true }).sort()).toEqual(['deploy', 'deploy/a.yaml', 'run.sh']);
  });

  test('names longer than a USTAR header survive', async () => {
    const long = `${'d'.repeat(120)}/${'e'.repeat(120)}/${'f'.repeat(120)}`;
    mkdirSync(join(tree, long), { recursive: true });
    writeFileSync(join(tree, long, 'ü'.repeat(60)), 'x');
    await extractArchive((await packToBytes(tree)).bytes, out);

    expect(readFileSync(join(out, long, 'ü'.repeat(60)), 'utf8')).toBe('x');
  });

  test('a missing directory is an error', async () => {
    await expect(packToBytes(join(tree, 'gone'))).rejects.toThrow('ENOENT');
  });
});

async function archive(...entries: TarEntry[]): Promise<Uint8Array> {
  return gzipSync(await packTar(entries));
}

function file(name: string, body = 'x', more: Partial<TarEntry['header']> = {}): TarEntry {
  return { header: { name, size: Buffer.byteLength(body), type: 'file', ...more }, body };
}

describe('extractArchive', () => {
  test('restores content and the executable bit, with times not in the future', async () => {
    const mtime = new Date(Date.now() + 86_400_000);
    await extractArchive(await archive(file('a/b', 'hello', { mode: 0o755, mtime })), out);

    expect(readFileSync(join(out, 'a/b'), 'utf8')).toBe('hello');
    expect(statSync(join(out, 'a/b')).mode & 0o777).toBe(0o755);
    expect(statSync(join(out, 'a/b')).mtimeMs).toBeLessThanOrEqual(Date.now());
  });

  test.each(['../x', 'a/../../x', '/etc/x', 'a\\b', 'a/..', '..'])('refuses the name %j', async (name) => {
    await expect(extractArchive(await archive(file(name)), out)).rejects.toThrow(
      `tar contained invalid name error ${JSON.stringify(name)}`,
    );
    expect(readdirSync(directory.path).sort()).toEqual(['out', 'tree']);
  });

  test('never creates symlinks, and refuses them unless they are to be skipped (KUS-SRC-07)', async () => {
    const link: TarEntry = { header: { name: 'l', size: 0, type: 'symlink', linkname: '/etc' } };
    const bytes = await archive(link, file('b'));

    await expect(extractArchive(bytes, out)).rejects.toThrow('contained unsupported file type');
    await extractArchive(bytes, out, { symlinks: 'skip' });
    expect(readdirSync(out)).toEqual(['b']);
  });

  test.each(['link', 'fifo', 'character-device'] as const)('refuses an entry of type %s', async (type) => {
    const entry: TarEntry = { header: { name: 'x', size: 0, type, linkname: 'y' } };

    await expect(extractArchive(await archive(entry), out, { symlinks: 'skip' })).rejects.toThrow(
      'contained unsupported file type',
    );
  });

  test('does not write through a symlink that is already there', async () => {
    mkdirSync(out);
    symlinkSync(tree, join(out, 'dir'));
    symlinkSync(join(tree, 'planted'), join(out, 'file'));

    await expect(extractArchive(await archive(file('dir/planted')), out)).rejects.toThrow('not a directory');
    await expect(extractArchive(await archive(file('file')), out)).rejects.toThrow('ELOOP');
    expect(readdirSync(tree)).not.toContain('planted');
  });

  test('stops at the declared size of a bomb, before it is unpacked', async () => {
    const bomb = await archive(file('big', '\0'.repeat(3_000_000)), file('later', '\0'.repeat(3_000_000)));

    await expect(extractArchive(bomb, out, { maxBytes: 5_000_000 })).rejects.toThrow(
      'tar "later" is bigger than max archive size of 5000000 bytes',
    );
    await expect(extractArchive(bomb, out, { maxEntries: 1 })).rejects.toThrow('tar has more than 1 entries');
    await extractArchive(bomb, out, { maxBytes: Number.POSITIVE_INFINITY });
    expect(statSync(join(out, 'later')).size).toBe(3_000_000);
  });

  test('says what is wrong with bytes that are no tar.gz', async () => {
    await expect(extractArchive(Buffer.from('plain text'), out)).rejects.toThrow(
      'requires gzip-compressed body: gzip: invalid header',
    );
    await expect(extractArchive(new Uint8Array(), out)).rejects.toThrow();
    const whole = await archive(file('a', 'x'.repeat(5000)));
    await expect(extractArchive(whole.subarray(0, whole.length / 2), out)).rejects.toThrow('unexpected EOF');
    await expect(extractArchive(gzipSync(Buffer.alloc(1024, 'z')), out)).rejects.toThrow('tar error: ');
  });

  test('an aborted signal ends it', async () => {
    await expect(
      extractArchive(await archive(file('a')), out, { signal: AbortSignal.abort(new Error('stopped')) }),
    ).rejects.toThrow('stopped');
  });
});
