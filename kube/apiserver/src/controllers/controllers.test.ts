import type { KubeObject } from '@flux/apimachinery';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configMap, DirectClient, deployment } from '../testing/direct-client.ts';

const namespace = '/api/v1/namespaces/default';
const apps = '/apis/apps/v1/namespaces/default';
const jobs = '/apis/batch/v1/namespaces/default/jobs';

function condition(object: KubeObject | undefined, type: string): string | undefined {
  const conditions: { type: string; status: string }[] = object?.['status']?.conditions ?? [];
  return conditions.find((item) => item.type === type)?.status;
}

function pod(name: string, nodeSelector?: Record<string, string>) {
  const spec = { containers: [{ name: 'c', image: 'x' }], ...(nodeSelector ? { nodeSelector } : {}) };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
}

describe('control loops', () => {
  let client: DirectClient;
  beforeAll(async () => {
    client = await DirectClient.start();
    await client.until(`${namespace}/serviceaccounts`, 'default', (account) => account !== undefined);
  });
  afterAll(() => client.close());

  it('rolls a Deployment out until all its pods are available, and over to a new template', async () => {
    const labelled = (generation: number) => (object: KubeObject | undefined) =>
      object?.['status']?.observedGeneration === generation && object['status'].availableReplicas === 2;
    await client.create(`${apps}/deployments`, deployment('web', 2));
    const first = await client.until(`${apps}/deployments`, 'web', labelled(1));
    expect([condition(first, 'Available'), condition(first, 'Progressing')]).toEqual(['True', 'True']);
    await client.patch(`${apps}/deployments/web`, 'strategic-merge', {
      spec: { template: { spec: { containers: [{ name: 'c', image: 'nginx:2' }] } } },
    });
    const second = await client.until(
      `${apps}/deployments`,
      'web',
      (object) => object?.metadata.annotations?.['deployment.kubernetes.io/revision'] === '2' && labelled(2)(object),
    );
    expect(second?.metadata.generation).toBe(2);
    await client.until(
      `${apps}/deployments`,
      'web',
      (object) => object?.['status'].replicas === 2 && object['status'].updatedReplicas === 2,
    );
    const { items } = await client.get(`${namespace}/pods`);
    const images = items
      .filter(({ metadata }) => !metadata.deletionTimestamp)
      .map((item) => item['spec'].containers[0].image);
    expect(images).toEqual(['nginx:2', 'nginx:2']);
  });

  it('collects everything below a deleted owner', async () => {
    await client.create(`${apps}/deployments`, deployment('gone', 1));
    await client.until(`${apps}/deployments`, 'gone', (object) => object?.['status']?.availableReplicas === 1);
    const sets = await client.get(`${apps}/replicasets`);
    const set = sets.items.find(({ metadata }) => metadata.name.startsWith('gone-'))!.metadata.name;
    await client.send('DELETE', `${apps}/deployments/gone`);
    await client.until(`${apps}/replicasets`, set, (object) => object === undefined);
  });

  it('leaves dependents behind when asked to orphan them', async () => {
    const owner = await client.create(`${namespace}/configmaps`, configMap('owner'));
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid }];
    await client.create(`${namespace}/configmaps`, {
      ...configMap('dependent'),
      metadata: { name: 'dependent', ownerReferences },
    });
    await client.send('DELETE', `${namespace}/configmaps/owner`, undefined, { query: { propagationPolicy: 'Orphan' } });
    await client.until(`${namespace}/configmaps`, 'owner', (object) => object === undefined);
    const left = await client.get(`${namespace}/configmaps/dependent`);
    expect(left.metadata.ownerReferences).toBeUndefined();
  });

  it('waits for dependents that block a foreground deletion', async () => {
    const owner = await client.create(`${namespace}/configmaps`, configMap('front'));
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'front', uid: owner.metadata.uid };
    await client.create(`${namespace}/configmaps`, {
      ...configMap('blocks'),
      metadata: {
        name: 'blocks',
        finalizers: ['example.com/wait'],
        ownerReferences: [{ ...reference, blockOwnerDeletion: true }],
      },
    });
    const query = { propagationPolicy: 'Foreground' };
    await client.send('DELETE', `${namespace}/configmaps/front`, undefined, { query });
    await client.until(
      `${namespace}/configmaps`,
      'blocks',
      (object) => object?.metadata.deletionTimestamp !== undefined,
    );
    expect((await client.get(`${namespace}/configmaps/front`)).metadata.finalizers).toEqual(['foregroundDeletion']);
    await client.patch(`${namespace}/configmaps/blocks`, 'merge', { metadata: { finalizers: null } });
    await client.until(`${namespace}/configmaps`, 'front', (object) => object === undefined);
  });

  it('leaves a pod pending that fits no node', async () => {
    await client.create(`${namespace}/pods`, pod('picky', { disk: 'none' }));
    await client.create(`${namespace}/pods`, pod('easy'));
    const easy = await client.until(`${namespace}/pods`, 'easy', (object) => condition(object, 'Ready') === 'True');
    expect(easy?.['status'].phase).toBe('Running');
    const picky = await client.until(
      `${namespace}/pods`,
      'picky',
      (object) => condition(object, 'PodScheduled') === 'False',
    );
    expect(picky?.['status'].phase).toBe('Pending');
  });

  it('completes a Job', async () => {
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } };
    await client.create(jobs, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'once' }, spec: { template } });
    const done = await client.until(jobs, 'once', (object) => condition(object, 'Complete') === 'True');
    expect(done?.['status'].succeeded).toBe(1);
  });

  it('empties a namespace before it goes, waiting for finalizers', async () => {
    const path = '/api/v1/namespaces';
    await client.create(path, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'doomed' } });
    const metadata = { name: 'held', finalizers: ['example.com/wait'] };
    await client.create(`${path}/doomed/configmaps`, { ...configMap('held'), metadata });
    await client.send('DELETE', `${path}/doomed`);
    const waiting = await client.until(
      path,
      'doomed',
      (object) => condition(object, 'NamespaceFinalizersRemaining') === 'True',
    );
    expect(waiting?.['status'].phase).toBe('Terminating');
    await client.patch(`${path}/doomed/configmaps/held`, 'merge', { metadata: { finalizers: null } });
    await client.until(path, 'doomed', (object) => object === undefined);
  });

  it('gives a ClusterRole the rules of the roles that it selects', async () => {
    const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
    const rule = { apiGroups: ['toolkit.example.com'], resources: ['things'], verbs: ['get'] };
    await client.create(roles, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'view-things', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } },
      rules: [rule],
    });
    const has = (role: KubeObject | undefined) =>
      (role?.['rules'] ?? []).some(({ apiGroups }: { apiGroups: string[] }) =>
        apiGroups?.includes('toolkit.example.com'),
      );
    await client.until(roles, 'admin', has);
  });
});
