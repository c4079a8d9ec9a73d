import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { expect, test } from 'vitest';
import { ArchiveError } from './archive-entries.ts';
import { packFiles } from './pack-directory.ts';
import { readArchive } from './read-archive.ts';

const files = [
  { path: 'b.txt', bytes: Buffer.from('b') },
  { path: `${'long/'.repeat(40)}a.bin`, bytes: randomBytes(200_000) },
  { path: 'empty', bytes: new Uint8Array() },
];

test('files come back as they were packed, in the same order', async () => {
  const { bytes, digest } = await packFiles(files);

  const read = await readArchive(bytes);

  expect(read.map(({ path }) => path)).toEqual(files.map(({ path }) => path));
  for (const [index, file] of read.entries()) expect(Buffer.from(file.bytes).equals(files[index]!.bytes)).toBe(true);
  expect((await packFiles(files)).digest).toBe(digest);
});

test('refuses too much, too many, and what is no file of the archive', async () => {
  const { bytes } = await packFiles(files);

  await expect(readArchive(bytes, { maxBytes: 1000 })).rejects.toThrow(ArchiveError);
  await expect(readArchive(bytes, { maxEntries: 2 })).rejects.toThrow('tar has more than 2 entries');
  await expect(readArchive(bytes.subarray(0, 1000))).rejects.toThrow(ArchiveError);
  await expect(readArchive(Buffer.from('plain'))).rejects.toThrow('requires gzip-compressed body');
  for (const header of [
    { name: '../escape', size: 0, type: 'file' },
    { name: '/absolute', size: 0, type: 'file' },
    { name: 'link', size: 0, type: 'symlink', linkname: '/etc/passwd' },
  ] as const) {
    await expect(readArchive(gzipSync(await packTar([{ header }])))).rejects.toThrow(ArchiveError);
  }
});
