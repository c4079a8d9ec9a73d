import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import { type ApiServer, startApiServer } from '@flux/apiserver';
import { type Cluster, clusterOver, type TransportRequest } from '@flux/client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  ApplyMemory,
  type ApplyOptions,
  applyAllStaged,
  type ChangeSet,
  clusterObjectWatch,
  deleteAll,
  diffObject,
  formatChange,
  kustomizeApplyRules,
  ownerLabels,
  waitForReady,
} from './index.ts';

let server: ApiServer;
let cluster: Cluster;
let requests: string[] = [];
let namespaces = 0;
let namespace = '';

beforeAll(async () => {
  server = await startApiServer();
  const send = (request: TransportRequest) => {
    requests.push(`${request.method}${request.query?.['dryRun'] ? ' dry' : ''}`);
    return server.handle(request as never);
  };
  cluster = clusterOver(
    { send, stream: (request) => server.stream(request as never), close: async () => {} },
    server.url,
  );
});

afterAll(() => server.close());

beforeEach(async () => {
  namespace = `ns-${++namespaces}`;
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  requests = [];
});

function configMap(name: string, data: Record<string, string>, metadata: object = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, ...metadata }, data };
}

function apply(objects: readonly KubeObject[], options: Partial<ApplyOptions> = {}): Promise<ChangeSet> {
  return applyAllStaged(cluster, objects, { ...kustomizeApplyRules(), watch: clusterObjectWatch(cluster), ...options });
}

function lines(changes: ChangeSet): string[] {
  return changes.map(formatChange).map((line) => line.replace(`/${namespace}/`, '/'));
}

const ref = (name: string, kind = 'ConfigMap') => ({ apiVersion: 'v1', kind, namespace, name });

test('a new object costs two requests, an unchanged one one, a changed one three', async () => {
  const memory = new ApplyMemory();
  const pass = async (value: string) => {
    requests = [];
    const changes = await apply([configMap('a', { k: value }), configMap('b', { k: value })], { memory });
    return [...lines(changes), ...requests];
  };
  await apply([configMap('z', {})]); // discovery

  // the first of a stage is looked for instead of tried: nothing else is applied before it
  expect(await pass('1')).toEqual(['ConfigMap/a created', 'ConfigMap/b created', 'GET', 'PATCH dry', 'PATCH', 'PATCH']);
  expect(await pass('1')).toEqual(['ConfigMap/a unchanged', 'ConfigMap/b unchanged', 'PATCH dry', 'PATCH dry']);
  expect(await pass('2')).toEqual([
    'ConfigMap/a configured',
    'ConfigMap/b configured',
    ...['PATCH dry', 'PATCH dry', 'GET', 'GET', 'PATCH', 'PATCH'],
  ]);
});

test('a first object that is refused keeps the others from being applied, with the text of a dry run', async () => {
  const bad = configMap('a', {}, { labels: { 'not valid': 'x' } });

  await expect(apply([bad, configMap('b', {})])).rejects.toThrow(`ConfigMap/${namespace}/a dry-run failed (Invalid): `);

  expect(await cluster.find(ref('b'))).toBeUndefined();
});

test('nothing of a stage is applied when one object of it is refused (KUS-APPLY-07)', async () => {
  const bad = { ...configMap('Bad_Name', {}), apiVersion: 'v1' };

  await expect(apply([configMap('a', { k: 'v' }), bad])).rejects.toMatchObject({
    changes: [],
    message: expect.stringContaining(`ConfigMap/${namespace}/Bad_Name dry-run failed (Invalid): `),
  });

  expect(await cluster.find(ref('a'))).toBeUndefined();
});

test('errors name the missing namespace and the missing kind (KUS-APPLY-11)', async () => {
  const missing = configMap('a', {}, { namespace: 'no-such' });
  const bare = configMap('a', {});
  delete bare.metadata.namespace;
  const unknown = { apiVersion: 'example.com/v1', kind: 'Nope', metadata: { name: 'x', namespace } };

  await expect(apply([missing])).rejects.toThrow('ConfigMap/no-such/a not found: namespaces "no-such" not found');
  await expect(apply([bare])).rejects.toThrow(
    'ConfigMap/a namespace not specified: the server could not find the requested resource',
  );
  await expect(apply([unknown])).rejects.toThrow(
    `Nope/${namespace}/x dry-run failed: no matches for kind "Nope" in version "example.com/v1"`,
  );
});

test('a field that a user added with kubectl is taken over and removed (KUS-APPLY-13)', async () => {
  await apply([configMap('a', { k: 'v' })]);
  const patch = { data: { extra: 'x' } };
  await cluster.patch(ref('a'), 'merge', patch, { fieldManager: 'kubectl-edit' });

  const changes = await apply([configMap('a', { k: 'v' })]);

  expect(lines(changes)).toEqual(['ConfigMap/a configured']);
  expect((await cluster.get(ref('a')))['data']).toEqual({ k: 'v' });
});

test('annotations skip an object, keep foreign fields, or create it only once (KUS-APPLY-08)', async () => {
  const annotated = (name: string, ssa: string, data: Record<string, string>) =>
    configMap(name, data, { annotations: { 'kustomize.toolkit.fluxcd.io/ssa': ssa } });
  await apply([annotated('once', 'IfNotPresent', { k: '1' }), annotated('merge', 'Merge', { k: '1' })]);
  await cluster.patch(ref('merge'), 'merge', { data: { x: 'y' } }, { fieldManager: 'kubectl-edit' });

  const changes = await apply([
    annotated('once', 'IfNotPresent', { k: '2' }),
    annotated('merge', 'Merge', { k: '2' }),
    annotated('never', 'Ignore', { k: '2' }),
  ]);

  expect(lines(changes)).toEqual(['ConfigMap/merge configured', 'ConfigMap/never skipped', 'ConfigMap/once skipped']);
  expect((await cluster.get(ref('once')))['data']).toEqual({ k: '1' });
  expect((await cluster.get(ref('merge')))['data']).toEqual({ k: '2', x: 'y' });
  expect(await cluster.find(ref('never'))).toBeUndefined();
});

test('an immutable object is recreated when forced (KUS-APPLY-10)', async () => {
  const immutable = (value: string) => ({ ...configMap('a', { k: value }), immutable: true });
  await apply([immutable('1')]);
  const before = await cluster.get(ref('a'));

  await expect(apply([immutable('2')])).rejects.toThrow('dry-run failed (Invalid)');
  const changes = await apply([immutable('2')], { force: true });

  const after = await cluster.get(ref('a'));
  expect(lines(changes)).toEqual(['ConfigMap/a created']);
  expect(after.metadata.uid).not.toBe(before.metadata.uid);
  expect(after['data']).toEqual({ k: '2' });
});

test('an ignored field is no drift and keeps its live value (KUS-APPLY-16)', async () => {
  const ignore = [{ paths: ['/data/scaled'], target: { kind: 'ConfigMap' } }];
  await apply([configMap('a', { scaled: '1', k: '1' })]);
  await cluster.patch(ref('a'), 'merge', { data: { scaled: '9' } }, { fieldManager: 'scaler' });

  const unchanged = await apply([configMap('a', { scaled: '1', k: '1' })], { ignore });
  const changed = await apply([configMap('a', { scaled: '1', k: '2' })], { ignore });

  expect(lines(unchanged)).toEqual(['ConfigMap/a unchanged']);
  expect(lines(changed)).toEqual(['ConfigMap/a configured']);
  expect((await cluster.get(ref('a')))['data']).toEqual({ scaled: '9', k: '2' });
});

test('a custom resource follows its definition in one apply (KUS-APPLY-05)', async () => {
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const definition: KubeObject = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.ssa.example.com' },
    spec: {
      group: 'ssa.example.com',
      names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
      scope: 'Namespaced',
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
  const widget = { apiVersion: 'ssa.example.com/v1', kind: 'Widget', metadata: { name: 'w', namespace }, spec: {} };

  const changes = await apply([widget, definition]);

  expect(lines(changes)).toEqual(['CustomResourceDefinition/widgets.ssa.example.com created', 'Widget/w created']);
});

test('deletion goes backwards and spares what is not ours or opted out (KUS-GC-02)', async () => {
  const inclusions = ownerLabels('kustomize.toolkit.fluxcd.io', 'app', namespace);
  const kept = { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' };
  const exclusions = { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' };
  await apply([
    configMap('ours', {}, { labels: inclusions }),
    configMap('foreign', {}),
    configMap('kept', {}, { labels: inclusions, annotations: kept }),
  ]);

  const changes = await deleteAll(
    cluster,
    ['ours', 'foreign', 'kept', 'gone'].map((name) => ref(name)),
    { inclusions, exclusions },
  );

  expect(lines(changes)).toEqual([
    'ConfigMap/ours deleted',
    'ConfigMap/kept skipped',
    'ConfigMap/gone deleted',
    'ConfigMap/foreign skipped',
  ]);
});

test('a diff shows the change of a Secret without its values', async () => {
  const secret = (value: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace },
    data: { same: 'YQ==', changed: Buffer.from(value).toString('base64') },
  });
  await apply([secret('1')]);

  const { change, live, merged } = await diffObject(cluster, secret('2'), kustomizeApplyRules());

  expect(change.action).toBe('configured');
  expect(live?.['data']).toEqual({ same: '***', changed: '*** (before)' });
  expect(merged?.['data']).toEqual({ same: '***', changed: '*** (after)' });
});

test('each stage tells what it is going to write before it does, under the names that the server gives it', async () => {
  const created = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `${namespace}-new`, namespace } };
  const told: { names: string[]; found: (KubeObject | undefined)[] }[] = [];
  const beforeWrite = async (refs: readonly ObjectRef[]) => {
    const names = refs.map((item) => `${item.namespace ?? ''}/${item.name}`);
    told.push({ names, found: await Promise.all(refs.map((item) => cluster.find(item))) });
    return () => {};
  };
  const objects = [created, configMap('a', {}), configMap('b', {})];

  await apply(objects, { beforeWrite });
  await apply(objects, { beforeWrite });

  expect(told).toEqual([
    { names: [`/${namespace}-new`], found: [undefined] },
    { names: [`${namespace}/a`, `${namespace}/b`], found: [undefined, undefined] },
  ]);
});

test('a stage whose first object is refused takes back what it told', async () => {
  const told: string[] = [];
  const beforeWrite = async (refs: readonly ObjectRef[]) => {
    told.push(`writes ${refs.map(({ name }) => name).join(' ')}`);
    return () => void told.push('wrote nothing');
  };

  await expect(apply([configMap('Not_A_Name', {}), configMap('ok', {})], { beforeWrite })).rejects.toThrow('Invalid');

  expect(told).toEqual(['writes Not_A_Name ok', 'wrote nothing']);
  expect(await cluster.find(ref('ok'))).toBeUndefined();
});

test('a Deployment is waited for until its pods run', async () => {
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } };
  const deployment: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace },
    spec: { replicas: 2, selector: { matchLabels: { a: 'b' } }, template },
  };
  const changes = await apply([deployment]);

  await waitForReady(cluster, changes, { watch: clusterObjectWatch(cluster), timeoutMs: 60_000 });

  const ready = await cluster.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'web' });
  expect(ready['status'].readyReplicas).toBe(2);
});
