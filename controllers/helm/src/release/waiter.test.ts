import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import type { ReleaseWaiter, WaitStrategy } from '@flux/helm';
import { clusterObjectWatch, type ObjectWatch } from '@flux/ssa';
import { type EmbeddedCluster, startEmbeddedCluster } from '@flux/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createReleaseWaiter } from './waiter.ts';

let embedded: EmbeddedCluster;
let cluster: Cluster;
let waiter: ReleaseWaiter;
let observed: string[] = [];
let namespace = '';
let namespaces = 0;

beforeAll(async () => {
  embedded = await startEmbeddedCluster({ workloads: false });
  cluster = embedded.cluster;
});
afterAll(() => embedded.close());

beforeEach(async () => {
  namespace = `wait-${++namespaces}`;
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } };
  await cluster.apply(account, { fieldManager: 'test' });
  observed = [];
  const plain = clusterObjectWatch(cluster);
  const watch: ObjectWatch = {
    observe(ref, listener) {
      observed.push(ref.name);
      return plain.observe(ref, listener);
    },
  };
  waiter = createReleaseWaiter({ cluster, watch });
});

const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'x', image: 'x' }] } };

function deployment(name: string, spec: object = {}): Promise<KubeObject> {
  const metadata = { name, namespace };
  const selector = { matchLabels: { app: 'x' } };
  return cluster.create<KubeObject>({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata },
    spec: { replicas: 1, selector, template, ...spec },
  });
}

function job(name: string, spec: object = {}): Promise<KubeObject> {
  const pod = { spec: { ...template.spec, restartPolicy: 'Never' } };
  const metadata = { name, namespace };
  return cluster.create<KubeObject>({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata,
    spec: { template: pod, ...spec },
  });
}

function configMap(name: string, metadata: object = {}): Promise<KubeObject> {
  return cluster.create<KubeObject>({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, ...metadata },
  });
}

async function setStatus({ apiVersion, kind, metadata: { name } }: KubeObject, status: object): Promise<void> {
  await cluster.patch({ apiVersion, kind, namespace, name }, 'merge', { status }, { subresource: 'status' });
}

const now = '2026-01-01T00:00:00Z';
const finished = (type: 'Complete' | 'Failed') => ({
  startTime: now,
  conditions: [{ type, status: 'True', reason: 'Why', message: '', lastProbeTime: now, lastTransitionTime: now }],
});
const rolledOut = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
const isTrue = { status: 'True', lastTransitionTime: now };
const available = {
  ...rolledOut,
  conditions: [
    { type: 'Available', ...isTrue },
    { type: 'Progressing', reason: 'NewReplicaSetAvailable', ...isTrue },
  ],
};

const options = (strategy: WaitStrategy, timeoutMs = 60_000) => ({ strategy, timeoutMs, jobs: true });
const messageOf = (action: Promise<unknown>) =>
  action.then(
    () => 'ready',
    (error: Error) => error.message,
  );

describe('the poller', () => {
  test('watches only what is not ready as it was written, and no paused Deployment (HELM-WAIT-02)', async () => {
    const object = await deployment('slow');
    const objects = [await configMap('a'), object, await deployment('paused', { paused: true })];

    const waiting = waiter.waitReady(objects, options('poller'));
    await setStatus(object, available);

    await waiting;
    expect(observed).toEqual(['slow']);
  });

  test('names what is not ready at its end (HELM-WAIT-02)', async () => {
    const message = await messageOf(waiter.waitReady([await deployment('slow')], options('poller', 1_000)));

    expect(message).toBe(`timeout waiting for: [Deployment/${namespace}/slow status: 'InProgress']`);
  });

  test('takes a started Job for ready, a failed one for the end, as it is told', async () => {
    const running = await job('running');
    await setStatus(running, { startTime: now, active: 1 });
    await waiter.waitReady([running], { ...options('poller'), jobs: false });

    const bad = await job('bad');
    await setStatus(bad, finished('Failed'));
    expect(await messageOf(waiter.waitReady([running, bad], options('poller')))).toBe(
      `failed early due to stalled resources: [Job/${namespace}/bad status: 'Failed']`,
    );
  });

  test('takes a Job that removed itself for done', async () => {
    const object = await job('short', { ttlSecondsAfterFinished: 0 });
    await cluster.delete({ ...object, namespace, name: 'short' }, { propagationPolicy: 'Background' });

    await waiter.waitReady([object], options('poller'));
  });

  test('asks expressions first, for hooks as well (HELM-WAIT-03)', async () => {
    const judging = createReleaseWaiter({
      cluster,
      watch: clusterObjectWatch(cluster),
      readers: [
        ({ kind, data }: KubeObject) =>
          kind === 'ConfigMap' ? { status: data?.ready ? 'Current' : 'InProgress', message: '' } : undefined,
      ],
    });
    const object = await configMap('judged');

    const waits = [judging.waitReady([object], options('poller')), judging.waitHook([object], options('hook-only'))];
    await cluster.patch({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'judged' }, 'merge', {
      data: { ready: '1' },
    });

    await Promise.all(waits);
  });

  test('ends with the reason of the signal', async () => {
    const stop = new AbortController();
    const waiting = waiter.waitReady([await deployment('slow')], { ...options('poller'), signal: stop.signal });

    stop.abort(new Error('superseded'));

    expect(await messageOf(waiting)).toBe('superseded');
  });
});

test('a failed wait carries with it what the Pods and their containers say', async () => {
  const object = await deployment('web');
  const pod = await cluster.apply<KubeObject>(
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web-1', namespace, labels: { app: 'x' } },
      spec: template.spec,
    },
    { fieldManager: 'test' },
  );
  const waiting = { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } };
  const lastState = { terminated: { reason: 'Error', exitCode: 2 } };
  const container = { name: 'x', image: 'x', imageID: '', ready: false, restartCount: 3, state: waiting, lastState };
  await setStatus(pod, { phase: 'Pending', containerStatuses: [container] });
  await cluster.create<KubeObject>({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e', namespace },
    ...{ type: 'Warning', reason: 'Failed', message: 'Failed to pull image', lastTimestamp: new Date().toISOString() },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name: 'web-1', uid: pod.metadata.uid },
  });

  const failure = waiter.waitReady([object], options('legacy', 50));

  const subject = `Pod/${namespace}/web-1`;
  await expect(failure).rejects.toMatchObject({
    message: 'context deadline exceeded',
    details: {
      why: [
        expect.stringMatching(`Deployment/${namespace}/web is InProgress: `),
        `${subject} container x: ImagePullBackOff: no such image, last Error with exit code 2 (3 restarts)`,
        `${subject} event Failed: Failed to pull image`,
      ],
    },
  });
});

describe('legacy', () => {
  test('follows a Deployment by its ReplicaSet (HELM-WAIT-05)', async () => {
    const object = await deployment('web');
    const waiting = waiter.waitReady([object], options('legacy'));
    const set = await cluster.create<KubeObject>({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: 'web-1',
        namespace,
        labels: { app: 'x' },
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: object.metadata.uid!, controller: true },
        ],
      },
      spec: { replicas: 1, selector: { matchLabels: { app: 'x' } }, template: object['spec'].template },
    });
    await setStatus(set, { observedGeneration: 1, replicas: 1, readyReplicas: 1 });
    await setStatus(object, rolledOut);

    await waiting;
  });

  test('says what Helm says at its end, and at once what can never be', async () => {
    expect(await messageOf(waiter.waitReady([await deployment('slow')], options('legacy', 50)))).toBe(
      'context deadline exceeded',
    );
    const bad = await job('bad', { backoffLimit: 0 });
    await setStatus(bad, { failed: 1 });
    expect(await messageOf(waiter.waitReady([bad], options('legacy')))).toBe(`job is failed: ${namespace}/bad`);
    await waiter.waitReady([bad], { ...options('legacy'), jobs: false });
    const gone = await configMap('gone');
    await cluster.delete({ ...gone, namespace, name: 'gone' });
    expect(await messageOf(waiter.waitReady([gone], options('legacy')))).toBe('configmaps "gone" not found');
  });

  test('waits for the Jobs and Pods of hooks alone', async () => {
    const [good, bad, slow] = [await job('good'), await job('bad'), await job('slow')];
    await setStatus(good, finished('Complete'));
    await setStatus(bad, finished('Failed'));

    await waiter.waitHook([good, await deployment('never')], options('legacy'));
    expect(await messageOf(waiter.waitHook([bad], options('legacy')))).toBe('job bad failed: Why');
    expect(await messageOf(waiter.waitHook([slow], options('legacy', 50)))).toBe('timed out waiting for the condition');
    await cluster.delete({ ...slow, namespace, name: 'slow' }, { propagationPolicy: 'Background' });
    await waiter.waitHook([slow], options('legacy'));
  });
});

describe('deletion', () => {
  test('is over when all are gone, and names the first that is not (HELM-WAIT-04)', async () => {
    const refs = ['held', 'free'].map((name) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name }));
    await configMap('held', { finalizers: ['x.io/y'] });
    await configMap('free');
    for (const ref of refs) await cluster.delete(ref);

    expect(await messageOf(waiter.waitGone(refs, options('poller', 50)))).toBe(
      `ConfigMap/${namespace}/held termination timeout: context deadline exceeded`,
    );
    expect(await messageOf(waiter.waitGone(refs, options('legacy', 50)))).toBe('context deadline exceeded');
    const waiting = waiter.waitGone(refs, options('poller'));
    await cluster.patch(refs[0]!, 'merge', { metadata: { finalizers: null } });
    await waiting;
  });
});
