import type { Cluster } from '@flux/client';
import { rollbackRelease, uninstallRelease } from '@flux/helm';
import { type EmbeddedCluster, startEmbeddedCluster } from '@flux/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { configMap, failureOf, install, recordingCluster, releaseContext, upgrade } from './testing/release-world.ts';

let embedded: EmbeddedCluster;
let cluster: Cluster;
let namespace = '';
let namespaces = 0;
let context: ReturnType<typeof releaseContext>;
let requests: string[] = [];

beforeAll(async () => {
  embedded = await startEmbeddedCluster();
  cluster = recordingCluster(embedded, (request) => requests.push(request));
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

describe('install', () => {
  test('stores the release as pending, creates the objects with their owner and stores it as deployed (HELM-STORE-06, HELM-KUBE-01)', async () => {
    const release = await install(context, namespace, { documents: [configMap('a', '1')] });

    expect(context.writes).toEqual(['create v1 pending-install', 'update v1 deployed']);
    expect(release.info).toMatchObject({ status: 'deployed', description: 'Install complete', notes: 'thanks' });
    expect((await find('a'))?.metadata).toMatchObject({
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { 'meta.helm.sh/release-name': 'app', 'meta.helm.sh/release-namespace': namespace },
    });
    expect(release.manifest).not.toContain('managed-by');
  });

  test('costs two requests for each object besides those for storage', async () => {
    await install(context, namespace, { documents: [configMap('a', '1'), configMap('b', '1')] });

    expect(requests.filter((request) => request.includes('configmaps'))).toEqual([
      'GET configmaps/a',
      'GET configmaps/b',
      'PATCH configmaps/a',
      'PATCH configmaps/b',
    ]);
  });

  test('refuses objects of others unless it takes them over (HELM-KUBE-02)', async () => {
    await cluster.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', namespace },
      data: { own: '1' },
    });

    expect(await failureOf(install(context, namespace, { documents: [configMap('a', '1')] }))).toBe(
      `unable to continue with install: ConfigMap "a" in namespace "${namespace}" exists and cannot be imported into the current release: invalid ownership metadata; label validation error: missing key "app.kubernetes.io/managed-by": must be set to "Helm"; annotation validation error: missing key "meta.helm.sh/release-name": must be set to "app"; annotation validation error: missing key "meta.helm.sh/release-namespace": must be set to "${namespace}"`,
    );
    expect(context.writes).toEqual([]);
    await install(context, namespace, { documents: [configMap('a', '1')], options: { takeOwnership: true } });
    expect((await find('a'))?.['data']).toEqual({ own: '1', key: '1' });
  });

  test('learns of what exists from its writes when it may take everything over', async () => {
    const options = { takeOwnership: true, looksFirst: false };
    await install(context, namespace, { documents: [configMap('a', '1'), configMap('b', '1')], options });

    expect(requests.filter((request) => request.includes('configmaps'))).toEqual([
      'PATCH configmaps/a',
      'PATCH configmaps/b',
    ]);
  });

  test.each([
    ['with the same field', { key: 'own' }, { key: '1' }],
    ['without a conflict', { own: '1' }, { own: '1', key: '1' }],
  ])('takes over an object that exists %s, and does not fail for it', async (_, data, expected) => {
    await cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b', namespace }, data });
    const options = { takeOwnership: true, looksFirst: false };

    await install(context, namespace, { documents: [configMap('a', '1'), configMap('b', '1')], options });

    expect((await find('a'))?.['data']).toEqual({ key: '1' });
    expect((await find('b'))?.['data']).toEqual(expected);
  });

  test('refuses a name in use, and reuses one that is only history with replace (HELM-REL-02)', async () => {
    await install(context, namespace, { documents: [configMap('a', '1')] });

    const text = 'release name check failed: cannot reuse a name that is still in use';
    expect(await failureOf(install(context, namespace, { documents: [], options: { replace: true } }))).toBe(text);
    await uninstallRelease(context, { name: 'app', timeoutMs: 60_000, keepHistory: true });
    expect(await failureOf(install(context, namespace, { documents: [] }))).toBe(text);
    const again = await install(context, namespace, { documents: [configMap('a', '2')], options: { replace: true } });
    expect(again.version).toBe(2);
    expect((await context.storage.get('app', 1)).info).toMatchObject({
      status: 'superseded',
      description: 'superseded by new release',
    });
  });

  test('stores a failure with what the server said, all of it (HELM-KUBE-03, HELM-KUBE-06)', async () => {
    const bad = (name: string) =>
      JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, unknown: 1 });

    const message = await failureOf(
      install(context, namespace, { documents: [bad('a'), configMap('b', '1'), bad('c')] }),
    );

    const [one, two] = message.split('\n');
    expect(one).toMatch(`server-side apply failed for object ${namespace}/a /v1, Kind=ConfigMap: `);
    expect(two).toMatch(`server-side apply failed for object ${namespace}/c /v1, Kind=ConfigMap: `);
    expect((await context.storage.get('app', 1)).info).toMatchObject({
      status: 'failed',
      description: `Release "app" failed: ${message}`,
    });
    expect(await find('b')).toBeDefined();
  });

  test('names kinds that are not served and documents without one (HELM-KUBE-08)', async () => {
    const gadget = JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name: 'g' } });

    expect(await failureOf(install(context, namespace, { documents: [gadget] }))).toBe(
      'unable to build kubernetes objects from release manifest: resource mapping not found for name: "g" namespace: "" from "": no matches for kind "Gadget" in version "example.com/v1"\nensure CRDs are installed first',
    );
    expect(await failureOf(install(context, namespace, { documents: ['a: 1'] }))).toBe(
      'unable to build kubernetes objects from release manifest: error validating "": error validating data: [apiVersion not set, kind not set]',
    );
  });

  test('takes lists apart, whose items have its kind unless they say theirs (HELM-MAN-05)', async () => {
    const items = [{ metadata: { name: 'a' } }, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' } }];

    await install(context, namespace, {
      documents: [JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMapList', items })],
    });

    expect([!!(await find('a')), !!(await find('b'))]).toEqual([true, true]);
  });

  test('creates the namespace with its label, and objects in others where they say so', async () => {
    const other = { namespace: `${namespace}-new` };
    await install(context, other.namespace, { documents: [configMap('a', '1')], options: { createNamespace: true } });

    const created = await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: other.namespace });
    expect(created.metadata.labels).toMatchObject({ name: other.namespace });
    expect(await find('a')).toBeUndefined();
  });

  test('changes nothing in a dry run', async () => {
    const options = { dryRun: true };
    const release = await install(context, namespace, { documents: [configMap('a', '1')], options });

    expect(release.info.description).toBe('Dry run complete');
    expect(requests.filter((request) => !request.startsWith('GET'))).toEqual([]);
  });

  test('creates objects with generated names anew and refuses those with both names', async () => {
    const generated = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'x-' } };
    const both = { ...generated, metadata: { name: 'x', generateName: 'x-' } };

    await install(context, namespace, { documents: [JSON.stringify(generated)] });
    const { items } = await cluster.list({ apiVersion: 'v1', kind: 'ConfigMap' }, { namespace });
    expect(items.map(({ metadata }) => metadata.name)).toContainEqual(expect.stringMatching(/^x-\w+$/));
    expect(await failureOf(upgrade(context, { documents: [JSON.stringify(both)] }))).toBe(
      'unable to continue with update: metadata.name and metadata.generateName cannot both be set',
    );
  });
});

describe('rollback', () => {
  test('makes a new revision of an old one (HELM-STORE-09)', async () => {
    await install(context, namespace, { documents: [configMap('a', '1')] });
    await upgrade(context, { documents: [configMap('b', '2')] });

    const release = await rollbackRelease(context, { name: 'app', version: 1, timeoutMs: 60_000 });

    expect(release).toMatchObject({ version: 3, config: { color: 'blue' }, info: { description: 'Rollback to 1' } });
    const history = await context.storage.history('app');
    expect(history.map(({ info }) => info.status)).toEqual(['superseded', 'superseded', 'deployed']);
    expect([(await find('a'))?.['data'], await find('b')]).toEqual([{ key: '1' }, undefined]);
  });

  test('names a revision that does not exist', async () => {
    expect(await failureOf(rollbackRelease(context, { name: 'app', timeoutMs: 1 }))).toBe('release: not found');
    await install(context, namespace, { documents: [] });

    const message = await failureOf(rollbackRelease(context, { name: 'app', version: 7, timeoutMs: 1 }));
    expect(message).toBe('release has no 7 version');
  });
});

describe('uninstall', () => {
  test('removes objects and revisions, but not what the resource policy keeps (HELM-KUBE-10, HELM-KUBE-11)', async () => {
    const keep = configMap('kept', '1', { 'helm.sh/resource-policy': ' Keep ' });
    const odd = configMap('odd', '1', { 'helm.sh/resource-policy': 'other' });
    await install(context, namespace, { documents: [configMap('a', '1'), keep, odd] });

    const { kept } = await uninstallRelease(context, { name: 'app', timeoutMs: 60_000 });

    expect(kept).toBe('These resources were kept due to the resource policy:\n[ConfigMap] kept\n');
    expect([await find('a'), !!(await find('kept')), !!(await find('odd'))]).toEqual([undefined, true, true]);
    expect(await context.storage.history('app')).toEqual([]);
    expect(context.writes.slice(-2)).toEqual(['update v1 uninstalling', 'delete v1 uninstalling']);
  });

  test('tells what is left of a release that is gone (HELM-KUBE-11)', async () => {
    const options = { name: 'app', timeoutMs: 60_000, keepHistory: true };
    await expect(uninstallRelease(context, options)).rejects.toMatchObject({
      reason: 'not-found',
      message: 'uninstall: Release not loaded: app: release: not found',
    });
    await install(context, namespace, { documents: [configMap('a', '1')] });
    await uninstallRelease(context, options);

    await expect(uninstallRelease(context, options)).rejects.toMatchObject({
      reason: 'already-deleted',
      message: 'the release named "app" is already deleted',
    });
    expect((await context.storage.last('app'))?.info).toMatchObject({
      status: 'uninstalled',
      description: 'Uninstallation complete',
    });
  });

  test('names the object that does not go away (HELM-WAIT-04)', async () => {
    const held = JSON.stringify({
      ...JSON.parse(configMap('a', '1')),
      metadata: { name: 'a', finalizers: ['x.io/y'] },
    });
    await install(context, namespace, { documents: [held] });

    expect(await failureOf(uninstallRelease(context, { name: 'app', timeoutMs: 50 }))).toBe(
      `uninstallation completed with 1 error(s): ConfigMap/${namespace}/a termination timeout: context deadline exceeded`,
    );
    expect(await context.storage.history('app')).toEqual([]);
  });
});
