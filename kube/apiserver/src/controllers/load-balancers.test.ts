import type { KubeObject } from '@flux/apimachinery';
import { expect, test } from 'vitest';
import { DirectClient } from '../testing/direct-client.ts';

const services = '/api/v1/namespaces/default/services';
const addresses = (service: KubeObject | undefined) => service?.['status'].loadBalancer.ingress?.length ?? 0;

test('a Service of type LoadBalancer has an address as long as it is one', async () => {
  const client = await DirectClient.start();
  try {
    const spec = { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] };
    await client.create(services, { metadata: { name: 'web' }, spec });
    await client.until(services, 'web', (service) => addresses(service) === 1);
    await client.patch(`${services}/web`, 'merge', { spec: { type: 'ClusterIP' } });
    await client.until(services, 'web', (service) => addresses(service) === 0);

    await client.create(services, {
      metadata: { name: 'other' },
      spec: { ...spec, loadBalancerClass: 'example.com/lb' },
    });
    await client.create(services, { metadata: { name: 'last' }, spec });
    await client.until(services, 'last', (service) => addresses(service) === 1);
    expect(addresses(await client.get(`${services}/other`))).toBe(0);
  } finally {
    await client.close();
  }
});
