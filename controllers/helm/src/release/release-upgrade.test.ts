import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { type EmbeddedCluster, startEmbeddedCluster } from '@flux/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { configMap, failureOf, install, recordingCluster, releaseContext, upgrade } from './testing/release-world.ts';

let embedded: EmbeddedCluster;
let cluster: Cluster;
let namespace = '';
let namespaces = 0;
let context: ReturnType<typeof releaseContext>;
let requests: string[] = [];

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

beforeAll(async () => {
  embedded = await startEmbeddedCluster();
  cluster = recordingCluster(embedded, (request) => requests.push(request));
  await embedded.cluster.create<KubeObject>(definition);
});
afterAll(() => embedded.close());

beforeEach(async () => {
  namespace = `actions-${++namespaces}`;
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  context = releaseContext(cluster, namespace);
  requests = [];
});

const find = (name: string, kind = 'ConfigMap', apiVersion = 'v1') =>
  cluster.find({ apiVersion, kind, namespace, name });
const widget = (color: string) =>
  JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, spec: { color } });
const csa = { serverSideApply: false };

describe('upgrade', () => {
  test('creates, changes and removes, and supersedes at the end only (HELM-STORE-06)', async () => {
    await install(context, namespace, { documents: [configMap('a', '1'), configMap('b', '1')] });
    context.writes.length = 0;

    const release = await upgrade(context, { documents: [configMap('b', '2'), configMap('c', '2')] });

    expect(context.writes).toEqual(['create v2 pending-upgrade', 'update v1 superseded', 'update v2 deployed']);
    expect(release).toMatchObject({ version: 2, apply_method: 'ssa', info: { description: 'Upgrade complete' } });
    expect([await find('a'), (await find('b'))?.['data'], (await find('c'))?.['data']]).toEqual([
      undefined,
      { key: '2' },
      { key: '2' },
    ]);
  });

  test('keeps an object whose live state has the resource policy keep (HELM-KUBE-04)', async () => {
    const kept = configMap('a', '1', { 'helm.sh/resource-policy': 'keep' });
    await install(context, namespace, { documents: [kept] });

    await upgrade(context, { documents: [] });

    expect(await find('a')).toBeDefined();
  });

  test('leaves the last good revision deployed when it fails, and compares with that next (HELM-STORE-07, HELM-REL-03)', async () => {
    await install(context, namespace, { documents: [configMap('a', '1')] });
    const immutable = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, unknown: 1 });

    const message = await failureOf(
      upgrade(context, { documents: [immutable, configMap('b', '2')], options: { cleanupOnFail: true } }),
    );

    const [first, second] = await context.storage.history('app');
    expect(first?.info.status).toBe('deployed');
    expect(second?.info).toMatchObject({ status: 'failed', description: `Upgrade "app" failed: ${message}` });
    expect(await find('b')).toBeUndefined();
    expect(context.writes.slice(-2)).toEqual(['update v1 deployed', 'update v2 failed']);
    await upgrade(context, { documents: [configMap('c', '3')] });
    expect(await find('a')).toBeUndefined();
  });

  test('is refused while another action holds the release, and without one (HELM-STORE-06, -07)', async () => {
    expect(await failureOf(upgrade(context, { documents: [] }))).toBe('"app" has no deployed releases');
    const release = await install(context, namespace, { documents: [] });
    await context.storage.update({ ...release, info: { ...release.info, status: 'pending-upgrade' } });

    expect(await failureOf(upgrade(context, { documents: [] }))).toBe(
      'another operation (install/upgrade/rollback) is in progress',
    );
  });

  test('lays new values over old ones when they are preserved (HELM-STORE-08, HELM-REL-03)', async () => {
    await install(context, namespace, { documents: [], options: { values: { a: 1, b: { c: 1 } } } });
    let seen: unknown;

    const release = await upgrade(context, {
      documents: [],
      options: {
        preserveValues: true,
        values: { b: { d: 2 } },
        render: ({ chart, values }) => {
          seen = { defaults: chart.values, values };
          return { manifest: '', hooks: [], notes: '' };
        },
      },
    });

    const values = { a: 1, b: { c: 1, d: 2 } };
    expect(seen).toEqual({ values, defaults: { replicas: 1, a: 1, b: { c: 1 } } });
    expect(release.config).toEqual(values);
  });

  test('patches built-in kinds three-way and custom resources by their manifests under client-side apply (HELM-KUBE-05, HELM-REL-03)', async () => {
    await install(context, namespace, { documents: [configMap('a', '1'), widget('red')], options: csa });
    const merge = { data: { key: 'drift', other: 'mine' } };
    await cluster.patch({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'a' }, 'merge', merge);
    const ref = { apiVersion: 'example.com/v1', kind: 'Widget', namespace, name: 'w' };
    await cluster.patch(ref, 'merge', { spec: { color: 'drift' } });

    await upgrade(context, { documents: [configMap('a', '1'), widget('red')] });

    expect((await find('a'))?.['data']).toEqual({ key: '1', other: 'mine' });
    expect((await cluster.get(ref))['spec']).toEqual({ color: 'drift' });
    await upgrade(context, { documents: [configMap('a', '1'), widget('blue')] });
    expect((await cluster.get(ref))['spec']).toEqual({ color: 'blue' });
  });

  test('sends no patch for what has not changed under client-side apply', async () => {
    await install(context, namespace, { documents: [configMap('a', '1')], options: csa });
    requests = [];

    await upgrade(context, { documents: [configMap('a', '1')] });

    expect(requests.filter((request) => request.includes('configmaps'))).toEqual(['GET configmaps/a']);
  });

  test('hands the fields of client-side apply over when it turns to server-side apply (HELM-KUBE-06)', async () => {
    await install(context, namespace, { documents: [configMap('a', '1')], options: csa });

    const release = await upgrade(context, { documents: [configMap('a', '1')], options: { serverSideApply: true } });
    await upgrade(context, { documents: [configMap('a', '2')] });

    expect(release.apply_method).toBe('ssa');
    const managers = (await find('a'))?.metadata.managedFields?.map(({ manager, operation }) => [manager, operation]);
    expect(managers).toEqual([['helm-controller', 'Apply']]);
  });

  test('names the fields that others hold when it does not force (HELM-KUBE-06, HELM-REL-03)', async () => {
    await install(context, namespace, { documents: [configMap('a', '1')] });
    const other = JSON.parse(configMap('a', 'theirs'));
    await cluster.apply({ ...other, metadata: { name: 'a', namespace } }, { fieldManager: 'other', force: true });

    const message = await failureOf(
      upgrade(context, { documents: [configMap('a', '2')], options: { forceConflicts: false } }),
    );

    expect(message).toBe(
      `conflict occurred while applying object ${namespace}/a /v1, Kind=ConfigMap: Apply failed with 1 conflict: conflict with "other": .data.key`,
    );
    await upgrade(context, { documents: [configMap('a', '2')] });
    expect((await find('a'))?.['data']).toEqual({ key: '2' });
  });

  test('replaces objects when it is forced under client-side apply (HELM-KUBE-07)', async () => {
    await install(context, namespace, { documents: [configMap('a', '1')], options: csa });
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'a' };
    await cluster.patch(ref, 'merge', { data: { other: 'mine' } });

    await upgrade(context, { documents: [configMap('a', '2')], options: { force: true } });

    expect((await find('a'))?.['data']).toEqual({ key: '2' });
    const immutable = JSON.stringify({ ...JSON.parse(configMap('s', '1')), immutable: true });
    await upgrade(context, { documents: [immutable], options: { force: true } });
    const changed = JSON.stringify({ ...JSON.parse(configMap('s', '2')), immutable: true });
    expect(await failureOf(upgrade(context, { documents: [changed], options: { force: true } }))).toMatch(
      /^failed to replace object: ConfigMap "s" is invalid: /,
    );
  });

  test('goes on when kinds of the old manifest are no longer served (HELM-KUBE-09)', async () => {
    await install(context, namespace, { documents: [configMap('a', '1')] });
    const [stored] = await context.storage.history('app');
    const gone = JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Gone', metadata: { name: 'g' } });
    await context.storage.update({ ...stored!, manifest: `${stored!.manifest}---\n${gone}\n` });

    const release = await upgrade(context, { documents: [configMap('b', '1')] });

    expect(release.info.status).toBe('deployed');
    expect(await find('a')).toBeUndefined();
  });

  test('keeps as many revisions as it is told, and the deployed one (HELM-STORE-05)', async () => {
    await install(context, namespace, { documents: [] });
    for (let count = 0; count < 4; count += 1) await upgrade(context, { documents: [], options: { maxHistory: 2 } });

    expect((await context.storage.history('app')).map(({ version }) => version)).toEqual([4, 5]);
  });
});
