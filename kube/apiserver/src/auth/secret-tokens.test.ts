import { afterAll, beforeAll, expect, test } from 'vitest';
import { DirectClient } from '../testing/direct-client.ts';

const namespace = '/api/v1/namespaces/default';
const secrets = `${namespace}/secrets`;

let client: DirectClient;
beforeAll(async () => {
  client = await DirectClient.start({ workloads: false });
});
afterAll(() => client.close());

function secretFor(account: string) {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/service-account-token',
    metadata: { name: `${account}-token`, annotations: { 'kubernetes.io/service-account.name': account } },
  };
}

async function review(token: string): Promise<{ authenticated?: boolean; user: { username: string } }> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } };
  const answer = await client.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', body);
  return answer.body['status'];
}

test('a Secret that names an account gets its token, which is good until the account goes', async () => {
  await client.create(`${namespace}/serviceaccounts`, { metadata: { name: 'robot' } });
  await client.create(secrets, secretFor('robot'));

  const filled = await client.until(secrets, 'robot-token', (object) => object?.['data']?.token !== undefined);
  const data = filled?.['data'] as Record<string, string>;
  const token = Buffer.from(data['token']!, 'base64').toString('utf8');

  expect(Object.keys(data).sort()).toEqual(['ca.crt', 'namespace', 'token']);
  expect(await review(token)).toMatchObject({
    authenticated: true,
    user: { username: 'system:serviceaccount:default:robot' },
  });

  await client.send('DELETE', `${namespace}/serviceaccounts/robot`);
  await client.until(secrets, 'robot-token', (object) => object === undefined);
  expect(await review(token)).not.toHaveProperty('authenticated');
});

test('a Secret for an account that does not exist is removed', async () => {
  await client.create(secrets, secretFor('nobody'));
  await client.until(secrets, 'nobody-token', (object) => object === undefined);
});

test('the token of the administrator is known to reviews', async () => {
  const token = /token: (\S+)/.exec(client.server.adminKubeconfig())?.[1] ?? '';
  expect(await review(token)).toMatchObject({ authenticated: true, user: { username: 'admin' } });
});
