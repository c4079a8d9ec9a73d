import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type HelmRepository, helmRepository } from '@flux/api';
import { createAuthority, issueCertificate, sha256Hex } from '@flux/crypto';
import { formatDecimalBytes } from '@flux/gotypes';
import { type ChartServer, serveCharts, startEmbeddedCluster } from '@flux/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { conditionTexts, type SourceCluster, startSourceCluster } from '../frame/source-cluster.suite.ts';
import { helmRepositoryController } from './controller.ts';
import { IndexCache } from './index-cache.ts';

const chart = (version: string) => ({
  'Chart.yaml': `apiVersion: v2\nname: demo\nversion: ${version}\n`,
  'values.yaml': 'a: 1\n',
});

let world: SourceCluster;
let charts: ChartServer;
let namespace = '';
const indexes = new IndexCache();

beforeAll(async () => {
  charts = await serveCharts();
  world = await startSourceCluster(
    () => startEmbeddedCluster({ workloads: false }),
    (storage) => [helmRepositoryController({ storage, indexes, maxIndexBytes: 4_000 })],
  );
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await charts?.close();
});

beforeEach(async () => {
  namespace = await world.namespace();
});

const ref = (name = 'charts') => ({ apiVersion: helmRepository.apiVersion, kind: 'HelmRepository', namespace, name });

function create(spec: Partial<HelmRepository['spec']> & { url: string }, name = 'charts'): Promise<unknown> {
  return world.cluster.create({ ...ref(name), metadata: { name, namespace }, spec: { interval: '1h', ...spec } });
}

const request = (token: string, name = 'charts') => world.request(token, ref(name));

const handled = (token: string, name = 'charts') =>
  world.until(ref(name), (object) => {
    const { lastHandledReconcileAt } = (object.status ?? {}) as { lastHandledReconcileAt?: string };
    return lastHandledReconcileAt === token && conditionTexts(object).every((text) => !text.includes('/Progressing '));
  });

function secret(name: string, data: Record<string, string>, type = 'Opaque'): Promise<unknown> {
  const stringData = data;
  return world.cluster.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type, stringData });
}

const indexOf = (text: string) => `sha256:${sha256Hex(text)}`;

describe('a repository that works', () => {
  test('has its index as an artifact in JSON, with the conditions and events of the real controller (SRC-HREPO-02, SRC-HREPO-11)', async () => {
    await charts.addChart(chart('1.0.0'), namespace);
    await create({ url: `${charts.url}/${namespace}` });
    const object = await world.untilReady(ref(), 'True');

    const { artifact, url, observedGeneration } = object.status!;
    const revision = artifact!.revision;
    const directory = `${world.artifactsUrl}/helmrepository/${namespace}/charts`;
    expect(artifact!.url).toBe(`${directory}/index-${revision.slice('sha256:'.length)}.yaml`);
    expect([url, observedGeneration]).toEqual([`${directory}/index.yaml`, 1]);
    expect(conditionTexts(object)).toEqual([
      `Ready=True/Succeeded stored artifact: revision '${revision}'`,
      `ArtifactInStorage=True/Succeeded stored artifact: revision '${revision}'`,
    ]);
    const stored = await (await fetch(url!)).text();
    expect(JSON.parse(stored)).toMatchObject({ apiVersion: 'v1', entries: { demo: [{ version: '1.0.0' }] } });
    expect(artifact).toMatchObject({ size: stored.length, digest: `sha256:${sha256Hex(stored)}` });
    expect(await world.events(ref(), 'NewArtifact')).toEqual([
      `Normal NewArtifact stored fetched index of size ${formatDecimalBytes(stored.length)} from '${charts.url}/${namespace}'`,
    ]);
  });

  test('costs one conditional request when nothing changed, and is read again when it did (SRC-HREPO-08, SRC-HREPO-10)', async () => {
    await charts.addChart(chart('1.0.0'), namespace);
    await create({ url: `${charts.url}/${namespace}/` });
    const first = await world.untilReady(ref(), 'True');
    const path = `${namespace}/index.yaml`;
    const requests = () =>
      charts.requests.filter((each) => each.path === path).map(({ status, bytes }) => [status, bytes]);
    await request('one');
    await handled('one');
    const known = requests();
    await charts.addChart(chart('1.1.0'), namespace);
    await request('two');
    const second = await handled('two');

    expect(known).toEqual([
      [200, expect.any(Number)],
      [304, 0],
    ]);
    expect(second.status!.artifact!.revision).not.toBe(first.status!.artifact!.revision);
    expect(await world.events(ref(), 'ArtifactUpToDate')).toContain(
      `Normal ArtifactUpToDate artifact up-to-date with remote revision: '${first.status!.artifact!.revision}'`,
    );
  });

  test('tells by the digest that nothing changed where the server has no validators', async () => {
    await using plain = await serveCharts({ etags: false });
    await plain.addChart(chart('1.0.0'));
    await create({ url: plain.url });
    const first = await world.untilReady(ref(), 'True');
    await request('one');
    const second = await handled('one');

    expect(second.status!.artifact).toEqual(first.status!.artifact);
    expect(await world.events(ref(), 'ArtifactUpToDate')).toHaveLength(2);
  });

  test('is built again when its file vanished, and gone after deletion (SRC-CTL-04, SRC-CTL-10)', async () => {
    await charts.addChart(chart('1.0.0'), namespace);
    await create({ url: `${charts.url}/${namespace}` });
    const { artifact } = (await world.untilReady(ref(), 'True')).status!;
    await world.storage.remove(artifact!);
    await request('one');
    await handled('one');
    const stored = await readFile(world.storage.localPath(artifact!), 'utf8');
    await world.cluster.delete(ref());
    await world.watches.waitFor(ref(), (object) => object === undefined, AbortSignal.timeout(60_000));

    expect(stored).toContain('"demo"');
    expect(await world.storage.exists(artifact!)).toBe(false);
  });

  test('keeps the query of its address (SRC-HREPO-05)', async () => {
    await charts.addChart(chart('1.0.0'), namespace);
    await create({ url: `${charts.url}/${namespace}?sas=1` });

    await world.untilReady(ref(), 'True');
  });
});

describe('a repository in a registry', () => {
  test('is a static object: no finalizer, no conditions, an empty status (SRC-HREPO-03)', async () => {
    await create({ url: 'oci://registry.test/charts', type: 'oci' });
    const object = await world.until(ref(), ({ status }) => status !== undefined && Object.keys(status).length === 0);

    expect(object.metadata.finalizers).toBeUndefined();
  });

  test('loses its artifact and conditions when it was one over HTTP before (SRC-HREPO-13)', async () => {
    await charts.addChart(chart('1.0.0'), namespace);
    await create({ url: `${charts.url}/${namespace}` });
    const { artifact } = (await world.untilReady(ref(), 'True')).status!;
    await world.cluster.patch(ref(), 'merge', { spec: { type: 'oci', url: 'oci://registry.test/charts' } });
    await world.until(ref(), ({ status, metadata }) => Object.keys(status ?? {}).length === 0 && !metadata.finalizers);

    expect(await world.storage.exists(artifact!)).toBe(false);
  });

  test('stays as it is while it is suspended (SRC-HREPO-03)', async () => {
    await charts.addChart(chart('1.0.0'), namespace);
    await create({ url: `${charts.url}/${namespace}` });
    const before = await world.untilReady(ref(), 'True');
    const url = 'oci://registry.test/charts';
    await world.cluster.patch(ref(), 'merge', { spec: { type: 'oci', url, suspend: true } });
    await charts.addChart(chart('1.0.0'), `${namespace}-other`);
    await create({ url: `${charts.url}/${namespace}-other` }, 'other');
    await world.untilReady(ref('other'), 'True');

    expect((await world.cluster.get(ref()))['status']).toEqual(before.status);
  });
});

describe('authentication', () => {
  const auth = { username: 'user', password: 'pass' };

  test('sends user and password of the Secret (SRC-HREPO-06)', async () => {
    await using server = await serveCharts({ auth });
    await server.addChart(chart('1.0.0'));
    await secret('login', auth);
    await create({ url: server.url, secretRef: { name: 'login' } });

    await world.untilReady(ref(), 'True');
  });

  test('sends user and password that stand in the address, and tells nobody', async () => {
    await using server = await serveCharts({ auth });
    await server.addChart(chart('1.0.0'));
    const address = (password: string) => server.url.replace('//', `//user:${password}@`);
    await create({ url: address('pass') });
    await create({ url: address('s3cret') }, 'wrong');
    await world.untilReady(ref(), 'True');
    const wrong = await world.untilReady(ref('wrong'), 'False');

    const told = [...conditionTexts(wrong), ...(await world.events(ref('wrong'), 'Failed'))].join();
    expect(told).toContain('401 Unauthorized');
    expect(told).not.toContain('s3cret');
    expect((await world.events(ref(), 'NewArtifact')).join()).not.toContain(':pass@');
  });

  test('trusts the authority and shows the client certificate of the Secret (SRC-SEC-01)', async () => {
    const authority = await createAuthority({ commonName: 'test', days: 1 });
    const common = { days: 1, ipAddresses: ['127.0.0.1'] };
    const server = await issueCertificate(authority, { ...common, commonName: 'server', usage: 'server' });
    const client = await issueCertificate(authority, { ...common, commonName: 'client', usage: 'client' });
    await using secure = await serveCharts({
      tls: { cert: server.certPem, key: server.keyPem, ca: authority.certPem },
    });
    await secure.addChart(chart('1.0.0'));
    await secret('tls', { 'ca.crt': authority.certPem, 'tls.crt': client.certPem, 'tls.key': client.keyPem });
    await create({ url: secure.url, certSecretRef: { name: 'tls' } });
    await create({ url: secure.url }, 'unknown');

    await world.untilReady(ref(), 'True');
    expect(conditionTexts(await world.untilReady(ref('unknown'), 'False')).join()).toContain('certificate');
  });

  test.each([
    [
      'a missing Secret',
      { secretRef: { name: 'gone' } },
      `failed to get authentication secret 'NS/gone': secrets "gone" not found`,
    ],
    [
      'a missing certificate Secret',
      { certSecretRef: { name: 'gone' } },
      `failed to get TLS authentication secret 'NS/gone': secrets "gone" not found`,
    ],
    [
      'half a login',
      { secretRef: { name: 'half' } },
      "failed to detect authentication methods: secret 'NS/half': malformed basic auth - has 'username' but missing 'password'",
    ],
    [
      'half a certificate',
      { certSecretRef: { name: 'certificate' } },
      "failed to construct Helm client's TLS config: secret 'NS/certificate' contains 'tls.crt' but missing 'tls.key'",
    ],
    [
      'a Secret without certificates',
      { certSecretRef: { name: 'half' } },
      "failed to construct Helm client's TLS config: secret 'NS/half' must contain either 'ca.crt' or both 'tls.crt' and 'tls.key'",
    ],
  ])('names %s (SRC-HREPO-06, SRC-SEC-05)', async (_, spec, message) => {
    await secret('half', { username: 'user' });
    await secret('certificate', { 'tls.crt': 'x' });
    await create({ url: charts.url, ...spec });
    const object = await world.untilReady(ref(), 'False');

    const text = message.replaceAll('NS', namespace);
    expect(conditionTexts(object)).toContain(`FetchFailed=True/AuthenticationFailed ${text}`);
    expect(await world.events(ref(), 'AuthenticationFailed')).toContain(`Warning AuthenticationFailed ${text}`);
  });
});

describe('failures', () => {
  const fetching = 'failed to fetch Helm repository index: failed to cache index to temporary file: ';
  const indexing = 'failed to load Helm repository from index YAML: failed to load index: ';

  test('an address of a registry with the type of an index stalls (SRC-HREPO-04)', async () => {
    await create({ url: 'oci://registry.test/charts' });
    const object = await world.untilReady(ref(), 'False');

    const text = "invalid Helm repository URL: 'oci' URL scheme cannot be used with 'default' HelmRepository type";
    expect(conditionTexts(object)).toEqual([
      `Stalled=True/URLInvalid ${text}`,
      `Ready=False/URLInvalid ${text}`,
      `FetchFailed=True/URLInvalid ${text}`,
    ]);
    expect(object.status!.observedGeneration).toBe(1);
  });

  test.each([
    ['is not there', undefined, 'Failed', `${fetching}failed to fetch URL/index.yaml : 404 Not Found`],
    ['is too large', 'x'.repeat(4001), 'Failed', `${fetching}index exceeds the maximum index file size of 4000 bytes`],
    ['has no version', 'entries: {}\n', 'IndexationFailed', `${indexing}no API version specified`],
    ['is empty', '', 'IndexationFailed', `${indexing}empty index.yaml file`],
    [
      'is no YAML',
      'this: is: not yaml\n',
      'IndexationFailed',
      `${indexing}error converting YAML to JSON: yaml: mapping values are not allowed in this context`,
    ],
  ])('an index that %s is tried again (SRC-HREPO-07, SRC-HREPO-09)', async (_, content, reason, message) => {
    const url = `${charts.url}/${namespace}`;
    if (content !== undefined) charts.put(`${namespace}/index.yaml`, content);
    await create({ url });
    const object = await world.untilReady(ref(), 'False');

    const text = message.replace('URL', url);
    expect(conditionTexts(object)).toEqual([
      'Reconciling=True/ProgressingWithRetry building artifact',
      `Ready=False/${reason} ${text}`,
      `FetchFailed=True/${reason} ${text}`,
    ]);
    expect(object.status!.observedGeneration).toBe(-1);
  });

  test('keeps the last index while the new one is no index, and tells of the recovery (SRC-CTL-22)', async () => {
    await charts.addChart(chart('1.0.0'), namespace);
    await create({ url: `${charts.url}/${namespace}` });
    const before = await world.untilReady(ref(), 'True');
    const good = await readIndex();
    charts.put(`${namespace}/index.yaml`, 'entries: {}\n');
    await request('one');
    const failed = await world.untilReady(ref(), 'False');
    charts.put(`${namespace}/index.yaml`, good);
    await request('two');
    const after = await world.untilReady(ref(), 'True');

    expect(failed.status!.artifact).toEqual(before.status!.artifact);
    expect(after.status!.artifact).toEqual(before.status!.artifact);
    expect((await world.events(ref(), 'Succeeded')).join()).toContain('Normal Succeeded stored fetched index of size');
  });

  async function readIndex(): Promise<string> {
    return (await fetch(`${charts.url}/${namespace}/index.yaml`)).text();
  }
});

test('the server refuses other schemes and fills in the provider; intervals have a default (SRC-HREPO-01)', async () => {
  await expect(create({ url: 'ftp://charts.test' })).rejects.toThrow('should match');
  await charts.addChart(chart('1.0.0'), namespace);
  const metadata = { name: 'charts', namespace };
  await world.cluster.create({ ...ref(), metadata, spec: { url: `${charts.url}/${namespace}` } });

  expect((await world.untilReady(ref(), 'True')).spec['provider']).toBe('generic');
});

test('an index without entries is a valid one of 80 bytes (SRC-HREPO-09, SRC-HREPO-11)', async () => {
  charts.put(`${namespace}/index.yaml`, 'apiVersion: v1\n');
  await create({ url: `${charts.url}/${namespace}` });
  const { artifact } = (await world.untilReady(ref(), 'True')).status!;

  expect(artifact).toMatchObject({ size: 80, revision: indexOf('apiVersion: v1\n') });
});

test('an index that is in memory is not read from its file', async () => {
  await charts.addChart(chart('1.0.0'), namespace);
  await create({ url: `${charts.url}/${namespace}` });
  const { artifact } = (await world.untilReady(ref(), 'True')).status!;
  const moved = { ...artifact!, path: join(artifact!.path) };
  await world.storage.remove(artifact!);
  const index = await indexes.get(moved, world.storage, { name: 'charts', namespace });

  expect(index.names()).toEqual(['demo']);
});
