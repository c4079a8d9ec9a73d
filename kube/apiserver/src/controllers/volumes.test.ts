import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DirectClient, deployment } from '../testing/direct-client.ts';

const namespace = '/api/v1/namespaces/default';
const claims = `${namespace}/persistentvolumeclaims`;
const volumes = '/api/v1/persistentvolumes';

function claim(name: string, spec: object = {}) {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  };
}

function volume(name: string, storage: string) {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'manual',
      hostPath: { path: '/x' },
    },
  };
}

describe('volumes', () => {
  let client: DirectClient;
  beforeAll(async () => {
    client = await DirectClient.start();
    await client.until(`${namespace}/serviceaccounts`, 'default', (account) => account !== undefined);
  });
  afterAll(() => client.close());

  const events = async (reason: string) =>
    (await client.get(`${namespace}/events`)).items.filter((event) => event['reason'] === reason);

  it('leaves a claim Pending that no volume fits, and says so', async () => {
    await client.create(claims, claim('lost'));
    await client.until(`${namespace}/events`, (await eventName('lost'))!, (event) => event !== undefined);
    const [event] = await events('FailedBinding');
    expect(event?.['message']).toBe('no persistent volumes available for this claim and no storage class is set');
    expect((await client.get(`${claims}/lost`))['status']).toEqual({ phase: 'Pending' });
    await client.send('DELETE', `${claims}/lost`);
    await client.until(claims, 'lost', (object) => object === undefined);
  });

  async function eventName(of: string): Promise<string | undefined> {
    for await (const { object } of client.watch(`${namespace}/events`)) {
      if (object['involvedObject'].name === of) return object.metadata.name;
    }
    return undefined;
  }

  it('binds a claim to the smallest volume that is large enough', async () => {
    for (const [name, size] of [
      ['small', '500Mi'],
      ['large', '5Gi'],
      ['right', '1Gi'],
    ] as const) {
      await client.create(volumes, volume(name, size));
    }
    await client.create(claims, claim('fits', { storageClassName: 'manual' }));
    const bound = await client.until(claims, 'fits', (object) => object?.['status']?.phase === 'Bound');
    expect(bound?.['spec'].volumeName).toBe('right');
    expect(bound?.metadata.annotations).toEqual({
      'pv.kubernetes.io/bind-completed': 'yes',
      'pv.kubernetes.io/bound-by-controller': 'yes',
    });
    expect((await client.get(`${volumes}/right`))['spec'].claimRef).toMatchObject({ name: 'fits' });
    await client.send('DELETE', `${claims}/fits`);
    await client.until(volumes, 'right', (object) => object?.['status']?.phase === 'Released');
  });

  it('makes a volume for a claim of a class, and keeps a claim while a pod uses it', async () => {
    await client.create('/apis/storage.k8s.io/v1/storageclasses', {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'fast' },
      provisioner: 'example.com/disks',
    });
    await client.create(claims, claim('disk', { storageClassName: 'fast' }));
    const { template, ...spec } = deployment('user').spec;
    template.spec = {
      ...template.spec,
      volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'disk' } }],
    } as never;
    const deployments = '/apis/apps/v1/namespaces/default/deployments';
    await client.create(deployments, { ...deployment('user'), spec: { ...spec, template } });
    await client.until(deployments, 'user', (object) => object?.['status']?.availableReplicas === 1);
    const bound = await client.until(claims, 'disk', (object) => object?.['status']?.phase === 'Bound');
    await client.send('DELETE', `${claims}/disk`);
    expect((await client.get(`${claims}/disk`)).metadata.deletionTimestamp).toBeDefined();
    await client.send('DELETE', `${deployments}/user`, { propagationPolicy: 'Foreground' });
    await client.until(claims, 'disk', (object) => object === undefined);
    await client.until(volumes, bound?.['spec'].volumeName, (object) => object === undefined);
  });
});

it('gives claims without a class a volume where a default class was asked for', async () => {
  const client = await DirectClient.start({ defaultStorageClass: true });
  await client.create(claims, claim('plain'));
  const bound = await client.until(claims, 'plain', (object) => object?.['status']?.phase === 'Bound');
  expect(bound?.['spec'].storageClassName).toBe('standard');
  await client.close();
});

it('combines the tenth message of one reason about one object with those that follow (client-go)', async () => {
  const client = await DirectClient.start();
  const deployments = '/apis/apps/v1/namespaces/default/deployments';
  await client.create(deployments, deployment('web', 0));
  for (let replicas = 1; replicas <= 12; replicas += 1) {
    await client.patch(`${deployments}/web`, 'merge', { spec: { replicas } });
    await client.until(deployments, 'web', (object) => object?.['status']?.replicas === replicas);
  }
  const { items } = await client.get(`${namespace}/events`);
  const scaled = items.filter((event) => event['reason'] === 'ScalingReplicaSet');
  expect(scaled).toHaveLength(10);
  const combined = scaled.find((event) => event['message'].startsWith('(combined from similar events): '));
  expect(combined?.['count']).toBe(3);
  await client.close();
});
