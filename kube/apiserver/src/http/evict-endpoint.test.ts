import { afterAll, beforeAll, expect, test } from 'vitest';
import { DirectClient, deployment } from '../testing/direct-client.ts';

const deployments = '/apis/apps/v1/namespaces/default/deployments';
const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
const pods = '/api/v1/namespaces/default/pods';

let client: DirectClient;
beforeAll(async () => {
  client = await DirectClient.start();
});
afterAll(() => client.close());

const evict = (name: string) =>
  client.send('POST', `${pods}/${name}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } });

async function podOf(app: string): Promise<string> {
  await client.until(deployments, app, (object) => object?.['status']?.readyReplicas === object?.['spec'].replicas);
  const { items } = await client.get(pods);
  return items.find(({ metadata }) => metadata.labels?.['app'] === app)!.metadata.name;
}

test('a pod that no budget protects is evicted, and replaced', async () => {
  await client.create(deployments, deployment('free'));
  const name = await podOf('free');

  expect(await evict(name)).toMatchObject({ status: 201, body: { status: 'Success' } });
  await client.until(pods, name, (object) => object === undefined);
  expect(await podOf('free')).not.toBe(name);
});

test('a budget without room refuses with 429, so that a drain tries again', async () => {
  await client.create(deployments, deployment('kept', 2));
  const name = await podOf('kept');
  const selector = { matchLabels: { app: 'kept' } };
  await client.create(budgets, { metadata: { name: 'kept' }, spec: { minAvailable: 2, selector } });
  await client.until(budgets, 'kept', (object) => object?.['status']?.currentHealthy === 2);

  expect(await evict(name)).toMatchObject({
    status: 429,
    body: {
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [
          {
            reason: 'DisruptionBudget',
            message: 'The disruption budget kept needs 2 healthy pods and has 2 currently',
          },
        ],
      },
    },
  });

  await client.patch(`${budgets}/kept`, 'merge', { spec: { minAvailable: 1 } });
  await client.until(budgets, 'kept', (object) => object?.['status']?.disruptionsAllowed === 1);
  expect(await evict(name)).toMatchObject({ status: 201 });
});
