import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject } from '@flux/apimachinery';
import { type ControlLoops, controlPlane, ensureBuilt, startControlLoops } from '@flux/kubernetes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as samples from './testing/controller-samples.ts';
import { DirectClient } from './testing/direct-client.ts';
import { unexpectedLines } from './testing/expected-log-lines.ts';

const core = '/api/v1/namespaces/demo';
const apps = '/apis/apps/v1/namespaces/demo';
const batch = '/apis/batch/v1/namespaces/demo';
const autoscalers = '/apis/autoscaling/v2/namespaces/demo/horizontalpodautoscalers';
const namespaces = '/api/v1/namespaces';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/**
 * The programs of a real cluster are the strictest clients there are: they use protobuf, streamed lists, metadata-only
 * informers, leases, tokens and every subresource. Nothing of the server simulates anything here.
 */
describe('the real control loops of Kubernetes', () => {
  let client: DirectClient;
  let loops: ControlLoops;
  let folder: string;
  let startedAt: number;

  beforeAll(async () => {
    const binaries = await ensureBuilt(controlPlane);
    folder = await mkdtemp(join(tmpdir(), 'client-go-'));
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const serviceAccountKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    client = await DirectClient.start({ controllers: false, serviceAccountKeyPem });
    const files = { kubeconfig: 'kubeconfig', key: 'sa.key', ca: 'ca.crt' };
    await write(files.kubeconfig, client.server.adminKubeconfig());
    await write(files.key, serviceAccountKeyPem);
    await write(files.ca, client.server.caPem);
    startedAt = Date.now();
    loops = await startControlLoops({
      binaries,
      directory: folder,
      kubeconfig: join(folder, files.kubeconfig),
      serviceAccountKeyFile: join(folder, files.key),
      rootCaFile: join(folder, files.ca),
    });
    await client.create('/api/v1/nodes', samples.node);
    await client.create(namespaces, { metadata: { name: 'demo' } });
    await client.until(`${core}/serviceaccounts`, 'default', (account) => account !== undefined);
    await client.create(`${batch}/cronjobs`, samples.cronJob);
    await client.create(definitions, samples.toyDefinition);
  });

  afterAll(async () => {
    await loops?.stop();
    await client?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const write = (name: string, text: string) => writeFile(join(folder, name), text, { mode: 0o600 });
  const gone = (object: KubeObject | undefined) => object === undefined;
  const podsOf = async (app: string) =>
    (await client.get(`${core}/pods`)).items.filter(({ metadata }) => metadata.labels?.['app'] === app);

  it('take the node in: its lease is renewed and its taint removed', async () => {
    await client.until('/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases', 'n0', (lease) => !gone(lease));
    await client.until('/api/v1/nodes', 'n0', (node) => !node?.['spec'].taints && hasCondition(node, 'Ready'));
  });

  it('bring a Deployment to ready, behind its Service', async () => {
    await client.create(`${core}/services`, samples.service);
    await client.create(`${apps}/deployments`, samples.deployment);
    await client.until(`${apps}/deployments`, 'web', (object) => object?.['status']?.readyReplicas === 3);
    await untilAny(client, '/apis/discovery.k8s.io/v1/namespaces/demo/endpointslices', (slice) => {
      return readyEndpoints(slice) === 3;
    });
  });

  it('bring a StatefulSet with volumes, a DaemonSet and a Job to their ends', async () => {
    await client.create('/apis/storage.k8s.io/v1/storageclasses', samples.storageClass);
    for (const volume of samples.volumes) await client.create('/api/v1/persistentvolumes', volume);
    await client.create(`${core}/persistentvolumeclaims`, samples.claim);
    await client.create(`${apps}/statefulsets`, samples.statefulSet);
    await client.create(`${apps}/daemonsets`, samples.daemonSet);
    for (const job of samples.jobs) await client.create(`${batch}/jobs`, job);
    await client.until(`${core}/persistentvolumeclaims`, 'disk', (claim) => claim?.['status']?.phase === 'Bound');
    await client.until(`${apps}/statefulsets`, 'db', (object) => object?.['status']?.readyReplicas === 2);
    await client.until(`${apps}/daemonsets`, 'agent', (object) => object?.['status']?.numberReady === 1);
    await client.until(`${batch}/jobs`, 'once', (object) => hasCondition(object, 'Complete'));
    await client.until(`${batch}/jobs`, 'brief', gone);
  });

  it('share the counting of quotas with the server', async () => {
    await client.create(`${core}/resourcequotas`, samples.quota);
    const usedIs = (used: Record<string, string>) =>
      client.until(`${core}/resourcequotas`, 'few', (quota) =>
        Object.entries(used).every(([name, amount]) => quota?.['status']?.used?.[name] === amount),
      );
    await usedIs({ 'count/deployments.apps': '1', secrets: '0' });
    const second = { ...samples.deployment, metadata: { name: 'second' } };
    const { status, body } = await client.send('POST', `${apps}/deployments`, second);
    expect([status, body.message]).toEqual([403, expect.stringContaining('exceeded quota: few')]);
    await client.create(`${core}/secrets`, { metadata: { name: 'counted' } });
    await usedIs({ secrets: '1' });
    // The loop counts again at the deletion, but writes only what differs from the quota that it knows: it has to know this one.
    await client.patch(`${core}/resourcequotas/few`, 'merge', { spec: { hard: { secrets: '9' } } });
    await client.until(`${core}/resourcequotas`, 'few', (quota) => quota?.['status']?.hard?.secrets === '9');
    await client.send('DELETE', `${core}/secrets/counted`);
    await usedIs({ secrets: '0' });
  });

  it('scale by the subresource, for a HorizontalPodAutoscaler too', async () => {
    const { status } = await client.patch(`${apps}/deployments/web/scale`, 'merge', { spec: { replicas: 5 } });
    expect(status).toBe(200);
    await client.until(`${apps}/deployments`, 'web', (object) => object?.['status']?.readyReplicas === 5);
    await client.create(autoscalers, samples.autoscaler);
    await client.until(autoscalers, 'web', (object) => hasCondition(object, 'AbleToScale'));
    await client.until(`${apps}/deployments`, 'web', (object) => object?.['status']?.replicas === 4);
  });

  it('roll a new image out, through a new ReplicaSet', async () => {
    const image = { spec: { template: { spec: { containers: [{ name: 'c', image: 'nginx:2' }] } } } };
    const { body } = await client.patch(`${apps}/deployments/web`, 'strategic-merge', image);
    await client.until(`${apps}/deployments`, 'web', (object) => isRolledOut(object, body.metadata.generation!));
    const sets = (await client.get(`${apps}/replicasets`)).items.filter(({ spec }) => spec.replicas > 0);
    expect(sets.map(({ spec }) => spec.template.spec.containers[0].image)).toEqual(['nginx:2']);
  });

  it('keep the budget of an eviction', async () => {
    const budgets = '/apis/policy/v1/namespaces/demo/poddisruptionbudgets';
    await client.create(budgets, samples.budget);
    await client.until(budgets, 'db', (object) => object?.['status']?.disruptionsAllowed === 1);
    const evict = (name: string) => client.send('POST', `${core}/pods/${name}/eviction`, samples.eviction(name));
    expect((await evict('db-0')).status).toBe(201);
    expect((await evict('db-1')).status).toBe(429);
    await client.until(budgets, 'db', (object) => object?.['status']?.currentHealthy === 2);
  });

  it('give a Secret the token of its account, which the server believes', async () => {
    await client.create(`${core}/secrets`, samples.tokenSecret);
    const secret = await client.until(`${core}/secrets`, 'robot', (object) => object?.['data']?.token !== undefined);
    const token = Buffer.from(secret?.['data'].token, 'base64').toString('utf8');
    const { body } = await client.send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', samples.whoAmI, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(body['status'].userInfo.username).toBe('system:serviceaccount:demo:default');
  });

  it('delete in the foreground, in the background and without what depends on it', async () => {
    const options = (propagationPolicy: string) => ({ apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy });
    await client.send('DELETE', `${autoscalers}/web`);
    await client.send('DELETE', `${apps}/deployments/web`, options('Foreground'));
    await client.until(`${apps}/deployments`, 'web', gone);
    expect(await podsOf('web')).toEqual([]);

    const [agent] = await podsOf('agent');
    await client.send('DELETE', `${apps}/daemonsets/agent`, options('Background'));
    await client.until(`${core}/pods`, agent!.metadata.name, gone);

    await client.send('DELETE', `${apps}/statefulsets/db`, options('Orphan'));
    await client.until(`${apps}/statefulsets`, 'db', gone);
    const orphans = await podsOf('db');
    expect(orphans.map(({ metadata }) => metadata.name)).toEqual(['db-0', 'db-1']);
    for (const { metadata } of orphans) {
      await client.until(`${core}/pods`, metadata.name, (pod) => !pod?.metadata.ownerReferences?.length);
    }
  });

  it('collect custom resources with their owner', async () => {
    await client.until(definitions, 'toys.example.com', (definition) => hasCondition(definition, 'Established'));
    const owner = await client.create(`${core}/configmaps`, { metadata: { name: 'owner' } });
    const toys = '/apis/example.com/v1/namespaces/demo/toys';
    await client.create(toys, samples.toyOwnedBy(owner));
    await client.send('DELETE', `${core}/configmaps/owner`);
    await client.until(toys, 'ball', gone);
  });

  it('run what a CronJob asks for, and empty a namespace before it goes', async () => {
    const tick = await client.until(`${batch}/cronjobs`, 'tick', (object) => object?.['status']?.lastSuccessfulTime);
    expect(tick?.['status'].lastScheduleTime).toBeDefined();
    await client.send('DELETE', `${namespaces}/demo`);
    await client.until(namespaces, 'demo', gone);
    expect((await client.get('/api/v1/pods')).items).toEqual([]);
  });

  it('lead, and have nothing unexpected to say after a minute', async () => {
    for (const name of ['kube-controller-manager', 'kube-scheduler']) {
      const lease = await client.get(`/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/${name}`);
      expect(lease['spec'].holderIdentity).toBeTruthy();
    }
    const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';
    const untilMs = startedAt + 60_000;
    await client.until(leases, 'kube-controller-manager', (lease) => Date.parse(lease?.['spec'].renewTime) >= untilMs);
    expect(loops.children.map(({ exitCode, signalCode }) => exitCode ?? signalCode)).toEqual([null, null, null]);
    for (const name of ['kube-controller-manager', 'kube-scheduler', 'kwok']) {
      expect(unexpectedLines(await readFile(join(folder, `${name}.log`), 'utf8'))).toEqual([]);
    }
  });
});

function hasCondition(object: KubeObject | undefined, type: string): boolean {
  const conditions: { type: string; status: string }[] = object?.['status']?.conditions ?? [];
  return conditions.some((condition) => condition.type === type && condition.status === 'True');
}

/** Until one fits whose name Kubernetes makes up. */
async function untilAny(client: DirectClient, path: string, fits: (object: KubeObject) => boolean): Promise<void> {
  const { items, metadata } = await client.get(path);
  if (items.some(fits)) return;
  for await (const { object } of client.watch(path, { resourceVersion: metadata.resourceVersion ?? '' })) {
    if (fits(object)) return;
  }
}

function readyEndpoints(slice: KubeObject | undefined): number {
  const endpoints: { conditions: { ready: boolean } }[] = slice?.['endpoints'] ?? [];
  return endpoints.filter(({ conditions }) => conditions.ready).length;
}

function isRolledOut(deployment: KubeObject | undefined, generation: number): boolean {
  const { observedGeneration, updatedReplicas, replicas, availableReplicas } = deployment?.['status'] ?? {};
  return observedGeneration >= generation && updatedReplicas === 4 && replicas === 4 && availableReplicas === 4;
}
