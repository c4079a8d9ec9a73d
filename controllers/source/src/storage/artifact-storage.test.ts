import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ignoreRules, type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ArtifactStorage } from './artifact-storage.ts';

let directory: TemporaryDirectory;
let storage: ArtifactStorage;
let tree: string;
const owner = { kind: 'GitRepository', namespace: 'default', name: 'app' };
const now = new Date('2026-01-01T00:10:00.500Z');

beforeEach(async () => {
  directory = await temporaryDirectory('storage-test');
  tree = join(directory.path, 'tree');
  mkdirSync(tree);
  mkdirSync(join(directory.path, 'data'));
  writeFileSync(join(tree, 'a.yaml'), 'a: 1\n');
  storage = new ArtifactStorage({
    root: join(directory.path, 'data'),
    advertisedAddress: 'source.flux-system.svc',
    retention: { ttlMs: 60_000, records: 2 },
    now: () => now,
  });
});
afterEach(() => directory[Symbol.asyncDispose]());

async function archive(file = 'abc.tar.gz', revision = 'main@sha1:abc') {
  const plan = storage.plan(owner, revision, file);
  await storage.makeDirectory(plan);
  return storage.archive(plan, tree, ignoreRules([]));
}

const files = () => readdirSync(join(storage.root, 'gitrepository/default/app')).sort();

describe('archive', () => {
  test('writes path, URL, digest, size and time of an artifact (SRC-ART-01, -02)', async () => {
    const artifact = await archive();

    expect(artifact).toEqual({
      path: 'gitrepository/default/app/abc.tar.gz',
      url: 'http://source.flux-system.svc/gitrepository/default/app/abc.tar.gz',
      revision: 'main@sha1:abc',
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      size: statSync(storage.localPath({ path: 'gitrepository/default/app/abc.tar.gz' })).size,
      lastUpdateTime: '2026-01-01T00:10:00Z',
    });
    expect(statSync(storage.localPath(artifact)).mode & 0o777).toBe(0o600);
    expect(statSync(join(storage.root, 'gitrepository')).mode & 0o777).toBe(0o700);
    await expect(storage.verify(artifact)).resolves.toBeUndefined();
  });

  test('leaves nothing beside the file when it fails', async () => {
    const plan = storage.plan(owner, 'r', 'x.tar.gz');
    await storage.makeDirectory(plan);

    await expect(storage.archive(plan, join(tree, 'gone'), ignoreRules([]))).rejects.toThrow('ENOENT');
    expect(files()).toEqual([]);
  });

  test('two writers of one file take turns', async () => {
    const [a, b] = await Promise.all([archive(), archive()]);

    expect(a.digest).toBe(b.digest);
    expect(files()).toEqual(['abc.tar.gz']);
  });

  test('an advertised address with a scheme is a prefix', () => {
    storage.advertise('https://artifacts.example.com/base');

    expect(storage.urlOf('a+b')).toBe('https://artifacts.example.com/base/a+b');
  });

  test('the digest uses the configured algorithm, verification the one of the artifact (SRC-ART-04)', async () => {
    const artifact = await archive();
    storage = new ArtifactStorage({ root: storage.root, advertisedAddress: 'x', digestAlgorithm: 'blake3' });

    await expect(storage.verify(artifact)).resolves.toBeUndefined();
    expect((await archive()).digest).toMatch(/^blake3:/);
  });
});

describe('verify', () => {
  test('tells a damaged file, and an artifact without digest (SRC-CTL-10)', async () => {
    const artifact = await archive();
    writeFileSync(storage.localPath(artifact), 'damaged');

    await expect(storage.verify(artifact)).rejects.toThrow(`computed digest doesn't match '${artifact.digest}'`);
    await expect(storage.verify({ ...artifact, digest: '' })).rejects.toThrow('artifact has no digest');
  });

  test('a symlink in the place of a file is not an artifact', async () => {
    const artifact = await archive();
    await storage.remove(artifact);
    symlinkSync('/etc/passwd', storage.localPath(artifact));

    expect(await storage.exists(artifact)).toBe(false);
  });
});

test('no path leaves the root, whatever a status says (SRC-ART-11)', () => {
  symlinkSync('/etc', join(storage.root, 'out'));

  expect(storage.localPath({ path: '../../etc/passwd' })).toBe(join(storage.root, 'etc/passwd'));
  expect(storage.localPath({ path: 'out/passwd' })).toBe(join(storage.root, 'etc/passwd'));
});

test('removing all tells whether there was something', async () => {
  await archive();

  expect(await storage.removeAll(owner)).toBe(true);
  expect(await storage.removeAll(owner)).toBe(false);
  expect(existsSync(join(storage.root, 'gitrepository/default'))).toBe(true);
});

describe('garbage collection (SRC-ART-09)', () => {
  function age(name: string, seconds: number) {
    const path = join(storage.root, 'gitrepository/default/app', name);
    if (!existsSync(path)) writeFileSync(path, name);
    utimesSync(path, now.getTime() / 1000 - seconds, now.getTime() / 1000 - seconds);
  }
  const collect = async () => storage.collectGarbage(await archive(), AbortSignal.timeout(60_000));

  test('files older than the TTL go, with their locks, however few they are; the current one stays', async () => {
    await archive();
    age('old.tar.gz', 61);
    age('old.tar.gz.lock', 1);
    age('abc.tar.gz', 3600);
    symlinkSync('abc.tar.gz', join(storage.root, 'gitrepository/default/app/latest.tar.gz'));

    expect((await collect()).map((path) => path.split('/').at(-1))).toEqual(['old.tar.gz']);
    expect(files()).toEqual(['abc.tar.gz', 'latest.tar.gz']);
  });

  test('within the TTL the oldest go until as many as the records are left', async () => {
    await archive();
    for (const [name, seconds] of [
      ['one', 10],
      ['two', 20],
      ['three', 30],
    ] as const)
      age(name, seconds);

    await collect();

    expect(files()).toEqual(['abc.tar.gz', 'one']);
  });

  test('nothing to do is nothing done', async () => {
    expect(await collect()).toEqual([]);
    expect(readFileSync(storage.localPath({ path: 'gitrepository/default/app/abc.tar.gz' })).length).toBeGreaterThan(0);
  });
});
