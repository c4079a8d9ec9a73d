import type { KubeObject } from '@flux/apimachinery';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DirectClient, deployment } from '../testing/direct-client.ts';

const core = '/api/v1/namespaces/default';
const apps = '/apis/apps/v1/namespaces/default';
const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';

function service(name: string, selector?: Record<string, string>) {
  const ports = [{ name: 'http', port: 80, targetPort: 8080 }];
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports, ...(selector ? { selector } : {}) } };
}

describe('endpoints', () => {
  let client: DirectClient;
  beforeAll(async () => {
    client = await DirectClient.start();
    await client.until(`${core}/serviceaccounts`, 'default', (account) => account !== undefined);
  });
  afterAll(() => client.close());

  const addresses = (object: KubeObject | undefined) => object?.['subsets']?.[0]?.addresses?.length ?? 0;

  it('follow the pods that a service selects, and go with it', async () => {
    await client.create(`${core}/services`, service('web', { app: 'web' }));
    await client.until(`${core}/endpoints`, 'web', (object) => object !== undefined && addresses(object) === 0);
    await client.create(`${apps}/deployments`, deployment('web', 2));
    const full = await client.until(`${core}/endpoints`, 'web', (object) => addresses(object) === 2);
    expect(full?.['subsets'][0].ports).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }]);
    const { items } = await client.get(slices);
    expect(items[0]).toMatchObject({
      metadata: { labels: { 'kubernetes.io/service-name': 'web' } },
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    });
    expect(items[0]?.['endpoints']).toHaveLength(2);
    await client.patch(`${apps}/deployments/web`, 'merge', { spec: { replicas: 0 } });
    await client.until(`${core}/endpoints`, 'web', (object) => addresses(object) === 0);
    await client.send('DELETE', `${core}/services/web`);
    await client.until(`${core}/endpoints`, 'web', (object) => object === undefined);
    await client.until(slices, items[0]!.metadata.name, (object) => object === undefined);
  });

  it('of a service without a selector are left to others', async () => {
    const own = { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'outside' }, subsets: [] };
    await client.create(`${core}/endpoints`, own);
    await client.create(`${core}/services`, service('outside'));
    await client.create(`${core}/services`, service('marker', { app: 'none' }));
    await client.until(`${core}/endpoints`, 'marker', (object) => object !== undefined);
    expect((await client.get(`${core}/endpoints/outside`)).metadata.labels).toBeUndefined();
  });
});
