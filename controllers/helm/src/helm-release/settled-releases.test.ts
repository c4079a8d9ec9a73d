import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { createWatchCache, type KindRef, keyOf, type WatchCache } from '@flux/runtime';
import { type EmbeddedCluster, startEmbeddedCluster } from '@flux/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { markOf, SettledReleases } from './settled-releases.ts';

let embedded: EmbeddedCluster;
let cluster: Cluster;
let watches: WatchCache;
let namespace = '';
let count = 0;

beforeAll(async () => {
  embedded = await startEmbeddedCluster();
  ({ cluster } = embedded);
  watches = createWatchCache(cluster);
});
afterAll(async () => {
  await watches.close();
  await embedded.close();
});
beforeEach(async () => {
  namespace = `settled-${++count}`;
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});

const managed = { 'app.kubernetes.io/managed-by': 'Helm' };
const secret = (version: number): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: `sh.helm.release.v1.demo.v${version}`,
    namespace,
    labels: { owner: 'helm', name: 'demo', version: `${version}` },
  },
  data: { release: '' },
});
const configMap = (): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'demo', namespace, labels: managed },
  data: { key: 'as released' },
});
const ingress = (): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'demo', namespace, labels: managed },
  spec: { defaultBackend: { service: { name: 'demo', port: { number: 80 } } } },
});
const refOf = ({ apiVersion, kind, metadata: { name } }: KubeObject) => ({ apiVersion, kind, name, namespace });

/** Resolves when the watch that is relied on has delivered the state. */
async function delivered({ apiVersion, kind, metadata }: KubeObject): Promise<void> {
  const ref: KindRef = { apiVersion, kind };
  const labelSelector = kind === 'Secret' ? 'owner=helm' : 'app.kubernetes.io/managed-by=Helm';
  using view = watches.view(ref, { labelSelector, metadataOnly: true });
  await view.synced();
  await new Promise<void>((resolve) => {
    const isThere = (object: KubeObject) =>
      keyOf(object) === keyOf({ metadata }) && version(object) >= version({ metadata });
    view.subscribe(({ object }) => isThere(object) && resolve(), { replay: true });
  });
}

const version = ({ metadata }: Pick<KubeObject, 'metadata'>) => Number(metadata.resourceVersion);

async function settle(settled: SettledReleases) {
  const stored = await cluster.create(secret(1));
  const objects = await Promise.all([configMap(), ingress()].map((object) => cluster.create(object)));
  const { uid = '', resourceVersion = '' } = stored.metadata;
  const circumstances = {
    generation: 1,
    chart: 'demo@1.0.0',
    configDigest: 'sha256:1',
    snapshot: { digest: 'sha256:2', name: 'demo', version: 1 } as never,
    storageNamespace: namespace,
  };
  const marks = objects.map((object) => markOf(refOf(object), object));
  const release = { ...circumstances, stored: { uid, resourceVersion }, objects: marks };
  settled.remember('ns/demo', release, watches);
  await Promise.all([stored, ...objects].map(delivered));
  return { circumstances, isUntouched: () => settled.isUntouched('ns/demo', circumstances, watches) };
}

test('a release is settled until what it is made from, or its storage, changes', async () => {
  using settled = new SettledReleases();
  const { circumstances, isUntouched } = await settle(settled);
  expect(isUntouched()).toBe(true);
  expect(settled.isUntouched('ns/demo', { ...circumstances, configDigest: 'sha256:other' }, watches)).toBe(false);
  expect(settled.isUntouched('ns/other', circumstances, watches)).toBe(false);
  await delivered(await cluster.create(secret(2)));

  expect(isUntouched()).toBe(false);
  settled.forget('ns/demo');
  expect(isUntouched()).toBe(false);
});

test('a status may change; a spec, a label or content may not', async () => {
  using settled = new SettledReleases();
  const { isUntouched } = await settle(settled);
  const change = async (object: KubeObject, patch: object, subresource?: string) =>
    delivered(await cluster.patch(refOf(object), 'merge', patch, subresource ? { subresource } : {}));
  await change(ingress(), { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } }, 'status');
  expect(isUntouched()).toBe(true);
  await change(ingress(), { spec: { ingressClassName: 'other' } });

  expect(isUntouched()).toBe(false);
});

test.each([
  ['content of a kind without generations', { data: { key: 'by hand' } }],
  ['a label', { metadata: { labels: { more: 'x' } } }],
])('%s touches a release', async (_, patch) => {
  using settled = new SettledReleases();
  const { isUntouched } = await settle(settled);
  await delivered(await cluster.patch(refOf(configMap()), 'merge', patch));

  expect(isUntouched()).toBe(false);
});
