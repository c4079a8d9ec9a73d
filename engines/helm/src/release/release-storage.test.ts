import { randomBytes } from 'node:crypto';
import { type EmbeddedCluster, startEmbeddedCluster } from '@flux/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Release, ReleaseStatus } from './release.ts';
import { ReleaseStorage } from './release-storage.ts';

let embedded: EmbeddedCluster;
let namespaces = 0;
let namespace = '';
let writes: string[] = [];
let logged: string[] = [];
let storage: ReleaseStorage;

beforeAll(async () => {
  embedded = await startEmbeddedCluster();
});
afterAll(() => embedded.close());

beforeEach(async () => {
  namespace = `storage-${++namespaces}`;
  await embedded.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  writes = [];
  logged = [];
  storage = new ReleaseStorage({
    cluster: embedded.cluster,
    namespace,
    fieldManager: 'helm-controller',
    now: () => new Date(1_700_000_000_500),
    onWrite: ({ name, version }, write) => void writes.push(`${write} ${name} ${version}`),
    log: (message) => void logged.push(message),
  });
});

function release(version: number, status: ReleaseStatus = 'superseded', labels: Record<string, string> = {}): Release {
  return {
    ...{ name: 'app', namespace, version, manifest: '', hooks: [], labels, info: { status } },
    chart: { metadata: { name: 'app', version: '1.0.0', apiVersion: 'v2' }, templates: [], values: {}, files: [] },
  };
}

function secret(version: number) {
  const name = `sh.helm.release.v1.app.v${version}`;
  return embedded.cluster.get({ apiVersion: 'v1', kind: 'Secret', namespace, name });
}

test('a revision is a Secret with labels that say when it was created or modified (HELM-STORE-01)', async () => {
  await storage.create(release(1, 'pending-install', { team: 'a' }));
  const created = await secret(1);
  await storage.update(release(1, 'deployed', { team: 'a' }));
  const updated = await secret(1);

  const labels = { name: 'app', owner: 'helm', version: '1', team: 'a' };
  expect(created['type']).toBe('helm.sh/release.v1');
  expect(created.metadata.labels).toEqual({ ...labels, status: 'pending-install', createdAt: '1700000000' });
  expect(updated.metadata.labels).toEqual({ ...labels, status: 'deployed', modifiedAt: '1700000000' });
  expect(updated.metadata.managedFields?.map(({ manager, operation }) => [manager, operation])).toEqual([
    ['helm-controller', 'Update'],
  ]);
  expect((await storage.get('app', 1)).labels).toEqual({ team: 'a' });
});

test.each<ReleaseStatus>([
  'unknown',
  'deployed',
  'uninstalled',
  'superseded',
  'failed',
  'uninstalling',
  'pending-install',
  'pending-upgrade',
  'pending-rollback',
])('the status %s is in the release and in its label (HELM-STORE-04)', async (status) => {
  await storage.create(release(1, status));

  expect((await secret(1)).metadata.labels).toMatchObject({ status });
  expect((await storage.get('app', 1)).info.status).toBe(status);
});

test('a release that is larger than a Secret can be is refused (HELM-STORE-04)', async () => {
  const big = { ...release(1), manifest: randomBytes(900_000).toString('hex') };

  await expect(storage.create(big)).rejects.toThrow('data: Too long: may not be more than 1048576 bytes');
});

test('revisions come in order of their numbers, the last deployed one counts (HELM-STORE-05)', async () => {
  for (const version of [2, 10, 9]) await storage.create(release(version, version === 9 ? 'deployed' : 'superseded'));

  expect((await storage.history('app')).map(({ version }) => version)).toEqual([2, 9, 10]);
  expect((await storage.last('app'))?.version).toBe(10);
  expect((await storage.deployed('app'))?.version).toBe(9);
  expect([await storage.last('other'), await storage.deployed('other')]).toEqual([undefined, undefined]);
  expect(await storage.list()).toHaveLength(3);
});

test('a revision that exists is the lock of another action (HELM-STORE-06)', async () => {
  await storage.create(release(1));

  await expect(storage.create(release(1))).rejects.toMatchObject({
    reason: 'exists',
    message: 'release: already exists',
  });
  await expect(storage.get('app', 2)).rejects.toMatchObject({ reason: 'not-found', message: 'release: not found' });
  await expect(storage.delete('app', 2)).rejects.toMatchObject({ reason: 'not-found' });
  await expect(storage.update(release(3))).rejects.toMatchObject({ reason: 'storage' });
  expect(writes).toEqual(['create app 1']);
});

test('the oldest revisions make room for a new one, never the deployed one (HELM-STORE-05)', async () => {
  await storage.create(release(1, 'deployed'));
  for (const version of [2, 3, 4]) await storage.create(release(version, 'failed'));

  await storage.create(release(5, 'failed'), 3);

  expect((await storage.history('app')).map(({ version }) => version)).toEqual([1, 4, 5]);
  expect(writes.slice(-3)).toEqual(['delete app 2', 'delete app 3', 'create app 5']);
});

test('observers hear of writes that succeeded (HELM-STAT-02)', async () => {
  await storage.create(release(1));
  await storage.update(release(1));
  await storage.delete('app', 1);

  expect(writes).toEqual(['create app 1', 'update app 1', 'delete app 1']);
});

test('a Secret that does not decode is passed over and named', async () => {
  await storage.create(release(1));
  await storage.create(release(2));
  const broken = await secret(2);
  await embedded.cluster.update({ ...broken, data: { release: Buffer.from('!').toString('base64') } });

  expect((await storage.history('app')).map(({ version }) => version)).toEqual([1]);
  expect(logged).toEqual(['failed to decode release']);
  await expect(storage.get('app', 2)).rejects.toThrow('get: failed to decode data "sh.helm.release.v1.app.v2": json: ');
});

test('the last revision is the newest that decodes, and those before it are not read', async () => {
  for (const version of [1, 2, 3]) await storage.create(release(version));
  for (const version of [1, 3]) {
    const broken = await secret(version);
    await embedded.cluster.update({ ...broken, data: { release: Buffer.from('!').toString('base64') } });
  }

  expect((await storage.last('app'))?.version).toBe(2);
  expect(logged).toEqual(['failed to decode release']);
});

test('what the server refuses is said with what was asked', async () => {
  const denied = embedded.cluster.impersonate({ name: 'system:serviceaccount:ns:sa' });
  const other = new ReleaseStorage({ cluster: denied, namespace, fieldManager: 'x' });

  await expect(other.last('app')).rejects.toThrow(
    `query: failed to query with labels: secrets is forbidden: User "system:serviceaccount:ns:sa" cannot list resource "secrets"`,
  );
  const missing = new ReleaseStorage({ cluster: embedded.cluster, namespace: 'missing', fieldManager: 'x' });
  await expect(missing.create(release(1))).rejects.toThrow('create: failed to create: namespaces "missing" not found');
});

test('what was read or written a moment ago is known without a request, and what failed is read again', async () => {
  let requests = 0;
  const { cluster } = embedded;
  const counting = new Proxy(cluster, {
    get: (target, property) => {
      if (property === 'list') requests += 1;
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  let time = 0;
  const options = { cluster: counting, namespace, fieldManager: 'helm-controller', remembersMs: 1_000 };
  const remembering = new ReleaseStorage({ ...options, now: () => new Date(time) });
  expect(await remembering.last('app')).toBeUndefined();
  await remembering.create(release(1, 'pending-install'));
  await remembering.update(release(1, 'deployed'));

  expect((await remembering.last('app'))?.info.status).toBe('deployed');
  expect((await remembering.deployedAll('app')).map(({ version }) => version)).toEqual([1]);
  expect(remembering.lastStored('app')?.resourceVersion).toBe((await secret(1)).metadata.resourceVersion);
  expect(requests).toBe(1);
  await storage.create(release(2, 'deployed'));
  await expect(remembering.create(release(2))).rejects.toThrow('release: already exists');
  expect((await remembering.last('app'))?.version).toBe(2);
  time += 1_000;
  await remembering.last('app');
  expect(requests).toBe(3);
});
