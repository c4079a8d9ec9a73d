import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject } from '@flux/apimachinery';
import { type ApiServer, startApiServer } from '@flux/apiserver';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clusterOver } from './api-cluster.ts';
import type { Cluster, WatchEvent } from './cluster.ts';
import { connectCluster } from './connect.ts';

let server: ApiServer;
let directory: string;
let kubeconfig: string;

beforeAll(async () => {
  server = await startApiServer({ workloads: false });
  directory = await mkdtemp(join(tmpdir(), 'flux-client-'));
  kubeconfig = join(directory, 'config');
  await writeFile(kubeconfig, server.adminKubeconfig());
});

afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

const transports: readonly [string, () => Promise<Cluster>][] = [
  ['over HTTPS', () => connectCluster({ kubeconfig })],
  [
    'by direct calls',
    async () => clusterOver({ send: server.handle, stream: server.stream, close: async () => {} }, server.url),
  ],
];

describe.each(transports)('a cluster %s', (name, connect) => {
  const namespace = name.includes('HTTPS') ? 'https' : 'direct';
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'settings' };
  const configMap = (data: Record<string, string>): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace },
    data,
  });
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await connect();
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  });

  afterAll(() => cluster.close());

  test('creates, reads, patches, replaces, applies and deletes', async () => {
    const created = await cluster.create(configMap({ a: '1' }), { fieldManager: 'me' });
    await cluster.patch(ref, 'merge', { data: { b: '2' } });
    await cluster.patch(ref, 'json', [{ op: 'add', path: '/data/c', value: '3' }]);
    await cluster.patch(ref, 'strategic', { data: { a: null } });
    const applied = await cluster.apply(configMap({ d: '4' }), { fieldManager: 'me', force: true });
    expect(applied['data']).toEqual({ b: '2', c: '3', d: '4' });
    const replaced = await cluster.update({ ...applied, data: { e: '5' } });
    expect(replaced.metadata.uid).toBe(created.metadata.uid);
    await cluster.delete(ref, { uid: created.metadata.uid! });

    expect(await cluster.find(ref)).toBeUndefined();
    await expect(cluster.get(ref)).rejects.toMatchObject({
      statusCode: 404,
      message: 'configmaps "settings" not found',
    });
  });

  test('a dry run changes nothing', async () => {
    const answer = await cluster.apply(configMap({ a: '1' }), { fieldManager: 'me', dryRun: true });

    expect(answer['data']).toEqual({ a: '1' });
    expect(await cluster.find(ref)).toBeUndefined();
  });

  test('a stale replacement is a conflict', async () => {
    const created = await cluster.create(configMap({ a: '1' }));
    await cluster.patch(ref, 'merge', { data: { a: '2' } });

    await expect(cluster.update(created)).rejects.toMatchObject({ statusCode: 409, reason: 'Conflict' });
    await cluster.delete(ref);
  });

  test('a watch tells what happens from a version on, until it is aborted', async () => {
    const { metadata } = await cluster.list(ref, { namespace });
    const stop = new AbortController();
    const events: WatchEvent[] = [];
    const watching = (async () => {
      const { resourceVersion } = metadata;
      for await (const event of cluster.watch(ref, { namespace, resourceVersion, signal: stop.signal })) {
        if (event.type !== 'BOOKMARK') events.push(event);
        if (event.type === 'DELETED') stop.abort();
      }
    })();
    await cluster.create(configMap({ a: '1' }));
    await cluster.patch(ref, 'merge', { data: { a: '2' } });
    await cluster.delete(ref);
    await watching;

    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
  });

  test('what comes back belongs to the caller', async () => {
    const created = await cluster.create(configMap({ a: '1' }));
    created['data'].a = 'mine';
    const [listed] = (await cluster.list(ref, { namespace })).items;
    listed!['data'].a = 'also mine';

    expect((await cluster.get(ref))['data']).toEqual({ a: '1' });
    await cluster.delete(ref);
  });

  test('a list is paged, filtered and knows its kind', async () => {
    for (const item of ['x', 'y', 'z']) {
      const labels = { item, group: item === 'z' ? 'b' : 'a' };
      await cluster.create({ ...configMap({}), metadata: { name: item, namespace, labels } });
    }
    const first = await cluster.list(ref, { namespace, labelSelector: 'item', limit: 2 });
    const { continue: next = '' } = first.metadata;
    const second = await cluster.list(ref, { namespace, labelSelector: 'item', limit: 2, continue: next });
    const selected = await cluster.list(ref, { namespace, labelSelector: 'group=a' });

    expect([...first.items, ...second.items].map((item) => item.metadata.name)).toEqual(['x', 'y', 'z']);
    expect(selected.items.map((item) => [item.kind, item.metadata.name])).toEqual([
      ['ConfigMap', 'x'],
      ['ConfigMap', 'y'],
    ]);
  });

  test('impersonation asks for the rights of another', async () => {
    const other = cluster.impersonate({ name: 'nobody' });

    await expect(other.list(ref, { namespace })).rejects.toMatchObject({
      statusCode: 403,
      message: expect.stringContaining('User "nobody" cannot list resource "configmaps"'),
    });
  });
});
