import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { Kustomization } from '@flux/api';
import type { Condition, KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { packToBytes, temporaryDirectory } from '@flux/fs';
import { type RunningControllers, silentLog, startControllers } from '@flux/runtime';
import { type EmbeddedCluster, startEmbeddedCluster } from '@flux/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type KustomizationController, kustomizationController } from './controller.ts';

let embedded: EmbeddedCluster;
let cluster: Cluster;
let controller: KustomizationController;
let running: RunningControllers;
let artifacts: Server;
let namespaces = 0;
let namespace = '';
const archives = new Map<string, Uint8Array>();

beforeAll(async () => {
  embedded = await startEmbeddedCluster();
  cluster = embedded.cluster;
  artifacts = createServer((request, response) => {
    const archive = archives.get(request.url ?? '');
    response.writeHead(archive ? 200 : 404).end(archive);
  });
  await new Promise<void>((resolve) => artifacts.listen(0, '127.0.0.1', resolve));
  controller = kustomizationController({ stageTimeoutMs: 60_000 });
  running = await startControllers([controller], { cluster, log: silentLog });
  await running.started;
});

afterAll(async () => {
  await running.stop();
  await controller[Symbol.asyncDispose]();
  artifacts.close();
  await embedded.close();
});

beforeEach(async () => {
  namespace = `ns-${++namespaces}`;
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});

/** Publishes files as the artifact of the GitRepository `app`, which plays the source controller's part. */
async function publish(revision: string, files: Record<string, string>): Promise<void> {
  await using directory = await temporaryDirectory('artifact');
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory.path, path)), { recursive: true });
    await writeFile(join(directory.path, path), text);
  }
  const { bytes, digest, size } = await packToBytes(directory.path);
  const path = `/${namespace}/${revision}.tar.gz`;
  archives.set(path, bytes);
  const { port } = artifacts.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}${path}`;
  const source = {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name: 'app', namespace },
  };
  const spec = { interval: '1h', url: 'https://example.com/app.git' };
  await cluster.apply({ ...source, spec }, { fieldManager: 'test', force: true });
  const artifact = { path: path.slice(1), url, revision, digest, size, lastUpdateTime: '2026-01-01T00:00:00Z' };
  const ref = { ...source, name: 'app', namespace };
  await cluster.patch(ref, 'merge', { status: { artifact } }, { fieldManager: 'test', subresource: 'status' });
}

const ref = (name: string) => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  namespace,
  name,
});

async function applyKustomization(name: string, spec: object = {}): Promise<void> {
  const defaults = { interval: '1h', prune: true, path: './', sourceRef: { kind: 'GitRepository', name: 'app' } };
  const { apiVersion, kind } = ref(name);
  const object = { apiVersion, kind, metadata: { name, namespace }, spec: { ...defaults, ...spec } };
  await cluster.apply(object, { fieldManager: 'test', force: true });
}

/** The Kustomization as soon as its Ready condition is settled for its generation, and the predicate holds. */
async function settled(
  name: string,
  holds: (ready: Condition, object: Kustomization) => boolean,
): Promise<Kustomization> {
  const found = await running.watches.waitFor(
    ref(name),
    (object) => {
      const ready = (object as Kustomization | undefined)?.status?.conditions?.find(({ type }) => type === 'Ready');
      return ready !== undefined && ready.status !== 'Unknown' && holds(ready, object as Kustomization);
    },
    AbortSignal.timeout(60_000),
  );
  return found as Kustomization;
}

const isReadyAt = (revision: string) => (ready: Condition, object: Kustomization) =>
  ready.status === 'True' &&
  object.status?.lastAppliedRevision === revision &&
  object.status.observedGeneration === object.metadata.generation;

const configMap = (name: string, value = 'v') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\ndata:\n  k: ${value}\n`;

const findConfigMap = (name: string) => cluster.find({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name });

test('applies an artifact, keeps an inventory, prunes what the next one lacks', async () => {
  await publish('r1', { 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
  await applyKustomization('app');
  const first = await settled('app', isReadyAt('r1'));

  await publish('r2', { 'a.yaml': configMap('a', 'w') });
  const second = await settled('app', isReadyAt('r2'));

  expect(first.status?.inventory?.entries.map(({ id }) => id)).toEqual([
    `${namespace}_a__ConfigMap`,
    `${namespace}_b__ConfigMap`,
  ]);
  expect(second.status?.inventory?.entries.map(({ id }) => id)).toEqual([`${namespace}_a__ConfigMap`]);
  expect((await findConfigMap('a'))?.['data']).toEqual({ k: 'w' });
  expect(await findConfigMap('b')).toBeUndefined();
  expect(second.status?.history).toHaveLength(2);
});

test('what is to be pruned is in the inventory until it is gone, so that no kill loses it (KUS-INV-03)', async () => {
  await publish('r1', { 'a.yaml': configMap('a'), 'b.yaml': configMap('b') });
  await applyKustomization('app');
  const first = await settled('app', isReadyAt('r1'));
  const since = { namespace, resourceVersion: first.metadata.resourceVersion ?? '' };
  const versions = cluster.watch(ref('app'), since);
  const maps = cluster.watch({ apiVersion: 'v1', kind: 'ConfigMap' }, since);

  await publish('r2', { 'a.yaml': configMap('a') });

  let deletion = Number.NaN;
  for await (const { type, object } of maps) {
    if (type !== 'DELETED' || object.metadata.name !== 'b') continue;
    deletion = Number(object.metadata.resourceVersion);
    break;
  }
  for await (const { type, object } of versions) {
    if (type === 'ERROR') throw new Error(JSON.stringify(object));
    const { inventory } = (object as Kustomization).status ?? {};
    if (inventory?.entries.some(({ id }) => id === `${namespace}_b__ConfigMap`)) continue;
    expect(Number(object.metadata.resourceVersion)).toBeGreaterThan(deletion);
    break;
  }
});

test('what a pass created before it failed is pruned by a later revision without it', async () => {
  const created = `${namespace}-created`;
  const namespaceFile = `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${created}\n`;
  const unknownKind = `apiVersion: example.com/v1\nkind: Unknown\nmetadata:\n  name: u\n  namespace: ${namespace}\n`;
  await publish('r1', { 'namespace.yaml': namespaceFile, 'unknown.yaml': unknownKind });
  await applyKustomization('app');
  const failed = await settled('app', ({ status }) => status === 'False');

  await publish('r2', { 'a.yaml': configMap('a') });
  const pruned = await settled('app', isReadyAt('r2'));

  const found = await cluster.find({ apiVersion: 'v1', kind: 'Namespace', name: created });
  expect(failed.status?.inventory?.entries.map(({ id }) => id)).toEqual([`_${created}__Namespace`]);
  expect(pruned.status?.inventory?.entries.map(({ id }) => id)).toEqual([`${namespace}_a__ConfigMap`]);
  expect(found === undefined || found.metadata.deletionTimestamp !== undefined).toBe(true);
});

test('a dependent follows its dependency at once, without its 30 s (KUS-DEP)', async () => {
  await publish('r1', { 'infra/a.yaml': configMap('infra'), 'apps/a.yaml': configMap('apps') });
  await applyKustomization('apps', { path: './apps', dependsOn: [{ name: 'infra' }] });
  await settled('apps', ({ reason }) => reason === 'DependencyNotReady');

  await applyKustomization('infra', { path: './infra' });

  await settled('apps', isReadyAt('r1'));
});

test('waits for health and reports what is not ready', async () => {
  const deployment = (selector: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: ${namespace}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      ${selector}
      containers: [{name: web, image: nginx}]
`;
  await publish('r1', { 'web.yaml': deployment('') });
  await applyKustomization('app', { wait: true });

  const healthy = await settled('app', isReadyAt('r1'));

  expect(healthy.status?.conditions?.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
    'Ready ReconciliationSucceeded',
    'Healthy Succeeded',
  ]);
});

test('a newer revision ends a health check that is under way', async () => {
  await publish('r1', { 'a.yaml': configMap('a') });
  const healthChecks = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'later', namespace }];
  await applyKustomization('app', { healthChecks, timeout: '5m' });
  await running.watches.waitFor(
    ref('app'),
    (object) => object?.['status']?.lastAttemptedRevision === 'r1',
    AbortSignal.timeout(60_000),
  );

  await publish('r2', { 'a.yaml': configMap('a'), 'later.yaml': configMap('later') });

  await settled('app', isReadyAt('r2'));
});

test('a build that fails keeps what is there and says why', async () => {
  await publish('r1', { 'a.yaml': configMap('a') });
  await applyKustomization('app');
  await settled('app', isReadyAt('r1'));

  await publish('r2', { 'kustomization.yaml': 'resources: [gone.yaml]\n' });
  const failed = await settled('app', ({ reason }) => reason === 'BuildFailed');

  const [reconciling, ready] = failed.status?.conditions ?? [];
  expect(reconciling).toMatchObject({ type: 'Reconciling', reason: 'ProgressingWithRetry' });
  expect(ready?.message).toContain('kustomize build failed: ');
  expect(failed.status?.inventory?.entries).toHaveLength(1);
  expect(await findConfigMap('a')).toBeDefined();
});

test('a deleted Kustomization takes its objects along, a suspended one leaves them (KUS-DEL)', async () => {
  await publish('r1', { 'one/a.yaml': configMap('one'), 'two/a.yaml': configMap('two') });
  await applyKustomization('one', { path: './one' });
  await applyKustomization('two', { path: './two' });
  await Promise.all([settled('one', isReadyAt('r1')), settled('two', isReadyAt('r1'))]);
  await cluster.patch(ref('two'), 'merge', { spec: { suspend: true } }, { fieldManager: 'test' });

  for (const name of ['one', 'two']) await cluster.delete(ref(name));
  for (const name of ['one', 'two']) {
    await running.watches.waitFor(ref(name), (object) => object === undefined, AbortSignal.timeout(60_000));
  }

  expect(await findConfigMap('one')).toBeUndefined();
  expect(await findConfigMap('two')).toBeDefined();
});

test('a labelled ConfigMap with variables is followed (KUS-CTRL-05)', async () => {
  const variables = (value: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'vars', namespace, labels: { 'reconcile.fluxcd.io/watch': 'Enabled' } },
    data: { value },
  });
  await publish('r1', { 'a.yaml': configMap('a', '${value}') });
  await cluster.create(variables('one'));
  await applyKustomization('app', { postBuild: { substituteFrom: [{ kind: 'ConfigMap', name: 'vars' }] } });
  await settled('app', isReadyAt('r1'));

  await cluster.apply(variables('two'), { fieldManager: 'test', force: true });

  const changed = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'a' };
  await running.watches.waitFor(changed, (object) => object?.['data']?.k === 'two', AbortSignal.timeout(60_000));
});

test('what is not supported is refused with the name of the field', async () => {
  await publish('r1', { 'a.yaml': configMap('a') });
  await applyKustomization('encrypted', { decryption: { provider: 'sops' } });
  await applyKustomization('remote', { kubeConfig: { secretRef: { name: 'k' } } });

  const encrypted = await settled('encrypted', ({ status }) => status === 'False');
  const remote = await settled('remote', ({ status }) => status === 'False');

  expect(encrypted.status?.conditions?.find(({ type }) => type === 'Ready')?.message).toContain('spec.decryption');
  expect(remote.status?.conditions?.find(({ type }) => type === 'Ready')?.message).toContain('spec.kubeConfig');
  expect(await findConfigMap('a')).toBeUndefined();
});
