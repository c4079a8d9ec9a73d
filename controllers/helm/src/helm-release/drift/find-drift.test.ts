import type { HelmRelease } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import type { Release } from '@flux/helm';
import { ApplyMemory } from '@flux/ssa';
import { type EmbeddedCluster, startEmbeddedCluster } from '@flux/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { correctDrift } from './correct-drift.ts';
import { findDrift, formatDrift } from './find-drift.ts';

let embedded: EmbeddedCluster;
let cluster: Cluster;
let namespace = '';
let count = 0;

beforeAll(async () => {
  embedded = await startEmbeddedCluster();
  ({ cluster } = embedded);
});
afterAll(() => embedded.close());

beforeEach(async () => {
  namespace = `drift-${++count}`;
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});

const manager = { fieldManager: 'helm-controller', force: true };
const ownership = () => ({
  labels: { 'app.kubernetes.io/managed-by': 'Helm' },
  annotations: { 'meta.helm.sh/release-name': 'demo', 'meta.helm.sh/release-namespace': namespace },
});
const configMap = (name: string, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data: { key: 'as released' },
});

/** Applies the object as a release does. */
async function apply(object: KubeObject): Promise<void> {
  const { annotations, ...metadata } = object.metadata;
  const owner = ownership();
  const owned = { ...metadata, namespace, ...owner, annotations: { ...annotations, ...owner.annotations } };
  await cluster.apply({ ...object, metadata: owned }, manager);
}

const patch = (name: string, change: object, fieldManager = 'other') =>
  cluster.patch({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name }, 'merge', change, { fieldManager });

function find(objects: KubeObject[], options: { ignore?: object[]; overrideManagers?: string[] } = {}) {
  const { ignore = [], overrideManagers = [] } = options;
  const release: Release = {
    name: 'demo',
    namespace,
    version: 1,
    info: { status: 'deployed' },
    chart: { metadata: { name: 'demo', version: '1.0.0', apiVersion: 'v2' }, templates: [], values: {}, files: [] },
    manifest: objects.map((object) => `---\n${JSON.stringify(object)}\n`).join(''),
    hooks: [],
  };
  return findDrift({
    object: { metadata: { name: 'demo', namespace }, spec: { driftDetection: { ignore } } } as unknown as HelmRelease,
    release,
    cluster,
    memory: new ApplyMemory(),
    overrideManagers,
    signal: AbortSignal.timeout(60_000),
    log: () => {},
  });
}

test('what is gone or other than in the manifest has drifted; labels that others added have not (HELM-DRIFT-01)', async () => {
  const objects = ['changed', 'labelled', 'gone'].map((name) => configMap(name));
  for (const object of objects.slice(0, 2)) await apply(object);
  await patch('changed', { data: { key: 'by hand' } });
  await patch('labelled', { metadata: { labels: { team: 'x' } } });

  expect((await find(objects)).map(formatDrift)).toEqual([
    `ConfigMap/${namespace}/changed changed (0 additions, 1 changes, 0 removals)`,
    `ConfigMap/${namespace}/gone removed`,
  ]);
});

test('objects that are switched off and paths that are ignored have not drifted (HELM-DRIFT-02)', async () => {
  const off = { annotations: { 'helm.toolkit.fluxcd.io/driftDetection': 'Disabled' } };
  const objects = [configMap('off', off), configMap('path')];
  for (const object of objects) await apply(object);
  for (const { metadata } of objects) await patch(metadata.name, { data: { key: 'by hand' } });

  expect((await find(objects)).map(formatDrift)).toEqual([expect.stringContaining('/path changed')]);
  expect(await find(objects, { ignore: [{ paths: ['/data/key'] }] })).toEqual([]);
  expect(await find(objects, { ignore: [{ paths: [''], target: { name: 'path' } }] })).toEqual([]);
  expect(await find(objects, { ignore: [{ paths: [''], target: { name: 'other' } }] })).toHaveLength(1);
});

test('fields of overridden managers are taken over first, so that what they added has drifted (HELM-DRIFT-03)', async () => {
  await apply(configMap('a'));
  await patch('a', { data: { more: 'by hand' } }, 'kubectl-edit');

  expect(await find([configMap('a')])).toEqual([]);
  expect((await find([configMap('a')], { overrideManagers: ['kubectl-edit'] })).map(formatDrift)).toEqual([
    `ConfigMap/${namespace}/a changed (0 additions, 0 changes, 1 removals)`,
  ]);
});

test('a comparison that fails counts only when nothing has drifted beside it (HELM-DRIFT-06)', async () => {
  const invalid = { ...configMap('bad'), data: { key: { no: 'text' } } };
  await apply(configMap('a'));

  await expect(find([configMap('a'), invalid])).rejects.toThrow('bad');
  expect((await find([invalid, configMap('gone')])).map(formatDrift)).toEqual([`ConfigMap/${namespace}/gone removed`]);
});

test('a correction creates and patches, and goes on after a failure (HELM-DRIFT-05)', async () => {
  const elsewhere = { ...configMap('lost'), metadata: { name: 'lost', namespace: 'not-there' } };
  const objects = [elsewhere, configMap('changed'), configMap('gone')];
  await apply(configMap('changed'));
  await patch('changed', { data: { key: 'by hand' } });
  const drift = await find(objects.slice(1));

  const correction = await correctDrift(
    cluster,
    [{ type: 'removed', desired: elsewhere }, ...drift],
    AbortSignal.timeout(60_000),
  );

  expect(correction.lines).toEqual([
    `ConfigMap/${namespace}/gone created`,
    `ConfigMap/${namespace}/changed configured`,
  ]);
  expect(correction.errors).toEqual([
    expect.stringMatching(/^ConfigMap\/not-there\/lost creation failure: .*"not-there" not found$/),
  ]);
  expect(await find(objects.slice(1))).toEqual([]);
});

test('drift is told object by object, with the number of operations (HELM-DRIFT-04)', () => {
  const desired = { ...configMap('a'), metadata: { name: 'a', namespace: 'ns' } };
  const operations = [
    { op: 'add', path: '/data/a', value: '1' },
    { op: 'replace', path: '/data/b', value: '2' },
    { op: 'replace', path: '/data/c', value: '3' },
  ] as const;

  expect(formatDrift({ type: 'removed', desired })).toBe('ConfigMap/ns/a removed');
  expect(formatDrift({ type: 'changed', desired, patch: operations })).toBe(
    'ConfigMap/ns/a changed (1 additions, 2 changes, 0 removals)',
  );
});
