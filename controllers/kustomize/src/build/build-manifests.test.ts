import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Kustomization } from '@flux/api';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { startGitServer } from '@flux/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBuildCache } from './build-cache.ts';
import { buildManifests } from './build-manifests.ts';

let artifact: TemporaryDirectory;

beforeEach(async () => {
  artifact = await temporaryDirectory('artifact');
});

afterEach(() => artifact[Symbol.asyncDispose]());

async function write(files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(artifact.path, path)), { recursive: true });
    await writeFile(join(artifact.path, path), text);
  }
}

const spec = { interval: '1h', prune: true, sourceRef: { kind: 'GitRepository', name: 'app' } } as const;

function build(extra: Partial<Kustomization['spec']> = {}, options = { refusesRemoteBases: false }) {
  return buildManifests(
    { root: artifact.path, path: join(artifact.path, 'app'), spec: { ...spec, ...extra } },
    options,
  );
}

const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

test('a folder without kustomization file is built, and the files of the artifact stay as they are', async () => {
  await write({ 'app/a.yaml': configMap('a'), 'app/sub/b.yaml': configMap('b') });

  const { objects, isPure } = await build({ targetNamespace: 'n', namePrefix: 'x-' });

  expect(objects.map(({ metadata }) => metadata)).toEqual([
    { name: 'x-a', namespace: 'n' },
    { name: 'x-b', namespace: 'n' },
  ]);
  expect(isPure).toBe(true);
  expect(await readdir(join(artifact.path, 'app'))).toEqual(['a.yaml', 'sub']);
});

test('an older patchesStrategicMerge is honoured (KUS-API-12)', async () => {
  await write({ 'app/a.yaml': configMap('a') });
  const patch = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: 'v' } };

  const { objects } = await build({ patchesStrategicMerge: [patch] } as Partial<Kustomization['spec']>);

  expect(objects[0]?.['data']).toEqual({ k: 'v' });
});

test('a symlink that leads out of the artifact is not followed (KUS-BUILD-01)', async () => {
  await write({ 'app/kustomization.yaml': 'resources: [secret.yaml]\n' });
  await symlink('/etc/passwd', join(artifact.path, 'app', 'secret.yaml'));

  await expect(build()).rejects.toThrow('kustomize build failed: ');
});

test('a remote base is cloned, unless that is forbidden (KUS-BUILD-02)', async () => {
  await using git = await startGitServer();
  await git.commit('base', {
    'deploy/kustomization.yaml': 'resources: [a.yaml]\n',
    'deploy/a.yaml': configMap('remote'),
  });
  await write({ 'app/kustomization.yaml': `resources: ["${git.urlOf('base')}//deploy?ref=main"]\n` });

  const { objects, isPure } = await build();

  expect(objects.map(({ metadata }) => metadata.name)).toEqual(['remote']);
  expect(isPure).toBe(false);
  await expect(build({}, { refusesRemoteBases: true })).rejects.toThrow('kustomize build failed: ');
});

test('the cache keeps what was used last, within its size', () => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: 'x'.repeat(100) } };
  const cache = createBuildCache(500);

  cache.set('a', [object]);
  cache.set('b', [object]);
  cache.get('a');
  cache.set('c', [object]);
  cache.set(
    'huge',
    Array.from({ length: 10 }, () => object),
  );

  expect(['a', 'b', 'c', 'huge'].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true, false]);
});
