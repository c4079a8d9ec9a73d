import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DirectClient, deployment } from '../testing/direct-client.ts';

let client: DirectClient;
let namespaces = 0;
let namespace = '';

beforeAll(async () => {
  client = await DirectClient.start();
});
afterAll(() => client.close());
beforeEach(async () => {
  const name = `quota-${++namespaces}`;
  namespace = `/api/v1/namespaces/${name}`;
  await client.create('/api/v1/namespaces', { metadata: { name } });
  await client.until(`${namespace}/serviceaccounts`, 'default', (account) => account !== undefined);
});

const limit = (hard: Record<string, string>, spec: object = {}) =>
  client.create(`${namespace}/resourcequotas`, { metadata: { name: 'q' }, spec: { hard, ...spec } });

const usedIs = (wanted: Record<string, string>) =>
  client.until(`${namespace}/resourcequotas`, 'q', (quota) => {
    const used: Record<string, string> = quota?.['status']?.used ?? {};
    return Object.entries(wanted).every(([name, amount]) => used[name] === amount);
  });

function pod(name: string, resources: object = {}, spec: object = {}) {
  return { metadata: { name }, spec: { containers: [{ name: 'c', image: 'x', resources }], ...spec } };
}

const message = async (path: string, body: unknown) => (await client.send('POST', path, body)).body.message;

test('counts objects, and lets in again what was deleted', async () => {
  await limit({ secrets: '1', 'count/deployments.apps': '0' });
  await client.create(`${namespace}/secrets`, { metadata: { name: 'a' } });
  expect(await message(`${namespace}/secrets`, { metadata: { name: 'b' } })).toBe(
    'secrets "b" is forbidden: exceeded quota: q, requested: secrets=1, used: secrets=1, limited: secrets=1',
  );
  await usedIs({ secrets: '1', 'count/deployments.apps': '0' });
  await client.send('DELETE', `${namespace}/secrets/a`);
  await usedIs({ secrets: '0' });
  await client.create(`${namespace}/secrets`, { metadata: { name: 'b' } });

  const apps = namespace.replace('/api/v1', '/apis/apps/v1');
  expect(await message(`${apps}/deployments`, deployment('web'))).toContain(
    'exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=0',
  );
});

test('adds up what pods ask for, which they must say then', async () => {
  await limit({ 'requests.cpu': '1', 'limits.memory': '1Gi', pods: '3' });
  expect(await message(`${namespace}/pods`, pod('a'))).toBe(
    'pods "a" is forbidden: failed quota: q: must specify limits.memory for: c; requests.cpu for: c',
  );
  const half = { requests: { cpu: '600m' }, limits: { memory: '512Mi' } };
  await client.create(`${namespace}/pods`, pod('a', half));
  await usedIs({ 'requests.cpu': '600m', 'limits.memory': '512Mi', pods: '1' });
  expect(await message(`${namespace}/pods`, pod('b', half))).toBe(
    'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1',
  );
});

test('leaves out what is not in its scopes, and pods that ended', async () => {
  await limit({ pods: '1' }, { scopes: ['BestEffort'] });
  await client.create(`${namespace}/pods`, pod('asks', { requests: { cpu: '1' } }));
  await client.create(`${namespace}/pods`, pod('ends', {}, { restartPolicy: 'Never' }));
  expect(await message(`${namespace}/pods`, pod('more'))).toContain('exceeded quota: q');
  await client.patch(`${namespace}/pods/ends/status`, 'merge', { status: { phase: 'Succeeded' } });
  await usedIs({ pods: '0' });
  await client.create(`${namespace}/pods`, pod('more'));
});

test('counts what an update adds, and nothing for a dry run', async () => {
  await limit({ 'services.loadbalancers': '0' });
  const service = { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } };
  await client.create(`${namespace}/services`, service);
  const changed = await client.patch(`${namespace}/services/s`, 'merge', { spec: { type: 'LoadBalancer' } });
  expect(changed.body.message).toContain(
    'exceeded quota: q, requested: services.loadbalancers=1, used: services.loadbalancers=0',
  );
  const dry = await client.send('POST', `${namespace}/services`, service, { query: { dryRun: 'All' } });
  expect(dry.status).toBe(409);
});
