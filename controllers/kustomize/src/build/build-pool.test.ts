import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { BuildError } from '@flux/kustomize';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hasMoreManifests } from './artifact-size.ts';
import { buildManifests } from './build-manifests.ts';
import { BuildPool } from './build-pool.ts';

let artifact: TemporaryDirectory;
const options = { refusesRemoteBases: false };
const spec = {
  interval: '1h',
  prune: true,
  sourceRef: { kind: 'GitRepository', name: 'app' },
  namePrefix: 'p-',
} as const;

beforeEach(async () => {
  artifact = await temporaryDirectory('artifact');
});

afterEach(() => artifact[Symbol.asyncDispose]());

async function writeManifests(folder: string, count: number): Promise<void> {
  await mkdir(join(artifact.path, folder), { recursive: true });
  for (let index = 0; index < count; index++) {
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c${index}\ndata:\n  __proto__: kept\n`;
    await writeFile(join(artifact.path, folder, `c${index}.yaml`), text);
  }
}

const inputOf = (folder: string) => ({ root: artifact.path, path: join(artifact.path, folder), spec });

test('large artifacts are built in threads, to the same objects as small ones at once', async () => {
  await writeManifests('big', 160);
  await writeManifests('other', 3);
  const pool = new BuildPool(options);

  const built = await Promise.all(['big', 'other', 'big'].map((folder) => pool.build(inputOf(folder))));

  expect(built[0]).toEqual(await buildManifests(inputOf('big'), options));
  expect(built[1]).toEqual(await buildManifests(inputOf('other'), options));
  expect(built[2]).toEqual(built[0]);
  expect(built[0]?.objects[0]?.['data']).toSatisfy((data: object) => Object.hasOwn(data, '__proto__'));
});

test('a failure in a thread is one of ours with the same words, and the next build works', async () => {
  await writeManifests('big', 160);
  await mkdir(join(artifact.path, 'broken'));
  await writeFile(join(artifact.path, 'broken', 'kustomization.yaml'), 'resources: [gone.yaml]\n');
  const pool = new BuildPool(options);

  const failure = await pool.build(inputOf('broken')).catch((error: unknown) => error);
  const inline = await buildManifests(inputOf('broken'), options).catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(BuildError);
  expect((failure as Error).message).toBe((inline as Error).message);
  expect((await pool.build(inputOf('big'))).objects).toHaveLength(160);
});

test('manifests are counted only as far as it matters', async () => {
  await writeManifests('a/b', 3);
  await writeFile(join(artifact.path, 'readme.md'), '');

  expect([2, 3, 4].map((limit) => hasMoreManifests(artifact.path, limit))).toEqual([true, false, false]);
  expect(hasMoreManifests(join(artifact.path, 'gone'), 0)).toBe(false);
});
