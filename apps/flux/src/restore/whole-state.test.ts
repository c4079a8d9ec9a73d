import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeObject } from '@flux/apimachinery';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { startEmbeddedCluster } from '@flux/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Backup } from '../backup/format.ts';
import { readBackup } from '../backup/read-archive.ts';
import { objectId } from '../object-id.ts';
import { isSame } from './compare.ts';
import { flux, tryFlux } from './flux-world.ts';

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory('whole-state');
});
afterEach(() => folder[Symbol.asyncDispose]());

const metadata = { name: 'app', namespace: 'apps', labels: { app: 'app' } };
const template = {
  metadata: { labels: { app: 'app' } },
  spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'example.com/app:1' }] },
};
const always = { ...template, spec: { ...template.spec, restartPolicy: 'Always' } };
const selector = { matchLabels: { app: 'app' } };
const objects: KubeObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'apps' } },
  { apiVersion: 'v1', kind: 'Secret', metadata, data: { a: 'aHVudGVyMg==' } },
  { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: { app: 'app' }, ports: [{ port: 80 }] } },
  { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 2, selector, template: always } },
  {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata,
    spec: { schedule: '@daily', suspend: true, jobTemplate: { spec: { template } } },
  },
  { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template } },
  { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'alone', namespace: 'apps' }, spec: always.spec },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'team:read' }, rules: [] },
];

async function archiveOf(name: string): Promise<Backup> {
  return readBackup(await readFile(join(folder.path, name)));
}

test('everything of an embedded server is the same in a new one, and what controllers make is made anew', async () => {
  await using origin = await startEmbeddedCluster();
  for (const object of objects) await origin.cluster.create(object);
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owned', namespace: 'apps' } };
  const owner = await origin.cluster.get({ apiVersion: 'v1', kind: 'Secret', name: 'app', namespace: 'apps' });
  const { uid = '' } = owner.metadata;
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Secret', name: 'app', uid }];
  await origin.cluster.create<KubeObject>({ ...config, metadata: { ...config.metadata, ownerReferences } });
  await flux(origin, folder.path, 'backup', '--all', '-o', 'before.tar.gz');

  await using other = await startEmbeddedCluster();
  const said = await flux(other, folder.path, 'restore', 'before.tar.gz');
  await flux(other, folder.path, 'backup', '--all', '-o', 'after.tar.gz');

  expect(said).toContain('✔ restore finished');
  const [before, after] = [await archiveOf('before.tar.gz'), await archiveOf('after.tar.gz')];
  expect(before.index.scope).toBe('all');
  const restored = new Map(after.objects.map((object) => [objectId(object), object]));
  const differing = before.objects.filter((object) => {
    const live = restored.get(objectId(object));
    return live === undefined || !isSame(object, live);
  });
  expect(differing).toEqual([]);
  expect([...restored.keys()]).toEqual(before.objects.map(objectId));
  for (const object of objects) expect(restored.has(objectId(object))).toBe(true);
  expect(before.objects.map(({ kind }) => kind)).not.toContain('ReplicaSet');
  const owned = await other.cluster.get({ ...config, name: 'owned', namespace: 'apps' });
  const newOwner = await other.cluster.get({ apiVersion: 'v1', kind: 'Secret', name: 'app', namespace: 'apps' });
  expect(owned.metadata.ownerReferences).toEqual([{ ...ownerReferences[0], uid: newOwner.metadata.uid }]);
});

test('a data directory that no process has is written and read without one', async () => {
  await using origin = await startEmbeddedCluster();
  for (const object of objects) await origin.cluster.create(object);
  await flux(origin, folder.path, 'backup', '--all', '--output=state.tar.gz');

  await flux(undefined, folder.path, 'restore', 'state.tar.gz', '--data-dir=moved');
  const said = await flux(undefined, folder.path, 'backup', '--all', '--data-dir=moved', '-o', 'again.tar.gz');

  expect(said).toContain('1 Deployment');
  const [before, after] = [await archiveOf('state.tar.gz'), await archiveOf('again.tar.gz')];
  expect(after.objects.map(objectId)).toEqual(before.objects.map(objectId));
  const missing = await tryFlux(undefined, folder.path, 'backup', '--data-dir=nowhere');
  expect(missing).toMatchObject({ exit: 1, output: expect.stringContaining('is not a data directory of flux up') });
});

test('leaves Secrets out when asked, and says what an archive of one namespace holds', async () => {
  await using origin = await startEmbeddedCluster();
  for (const object of objects) await origin.cluster.create(object);

  const said = await flux(origin, folder.path, 'backup', '--all', '--no-secrets', '-n', 'apps', '-o', 'apps.tar.gz');

  const { index } = await archiveOf('apps.tar.gz');
  expect(index).toMatchObject({ namespace: 'apps', secrets: false });
  expect(index.objects.map(({ kind }) => kind)).not.toContain('Secret');
  expect(index.objects.map(({ kind }) => kind)).toContain('Deployment');
  expect(said).not.toContain('⚠️');
  const both = await tryFlux(origin, folder.path, 'backup', '-n', 'apps', '-A');
  expect(both.output).toContain('exclude each other');
});

test('files that are no backup are refused in words', async () => {
  const { writeFile } = await import('node:fs/promises');
  await writeFile(join(folder.path, 'text'), 'apiVersion: v1');
  const refuse = async (file: string) => (await tryFlux(undefined, folder.path, 'restore', file)).output;

  expect(await refuse('text')).toBe('✗ text is no backup of flux\n');
  expect(await refuse('missing')).toContain('✗ cannot read missing: ENOENT');
  expect((await tryFlux(undefined, folder.path, 'restore')).output).toContain('✗ the archive is required');
});
