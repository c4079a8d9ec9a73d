import type { KubeObject } from '@flux/apimachinery';
import { clusterOver, type TransportRequest, type TransportResponse } from '@flux/client';
import { expect, test } from 'vitest';
import { acquireLeadership, leaderElectionId } from './leader-election.ts';
import { silentLog } from './log.ts';

const discovery: Record<string, unknown> = {
  '/api': { kind: 'APIGroupDiscoveryList', items: [] },
  '/apis': {
    kind: 'APIGroupDiscoveryList',
    items: [
      {
        metadata: { name: 'coordination.k8s.io' },
        versions: [
          { version: 'v1', resources: [{ resource: 'leases', responseKind: { kind: 'Lease' }, scope: 'Namespaced' }] },
        ],
      },
    ],
  },
};

/** A server with one Lease, guarded by its resourceVersion. */
class LeaseServer {
  lease: KubeObject | undefined;
  isDown = false;
  #version = 0;
  readonly cluster = clusterOver(
    {
      send: (request) => (this.isDown ? Promise.reject(new Error('down')) : Promise.resolve(this.#answer(request))),
      stream: () => {
        throw new Error('not asked for');
      },
      close: () => Promise.resolve(),
    },
    'test',
  );

  #answer({ method, path, body }: TransportRequest): TransportResponse {
    if (discovery[path]) return { status: 200, headers: {}, body: discovery[path] };
    if (method === 'GET') {
      return this.lease ? { status: 200, headers: {}, body: this.lease } : { status: 404, headers: {}, body: '' };
    }
    const lease = structuredClone(body) as KubeObject;
    if (this.lease && lease.metadata.resourceVersion !== this.lease.metadata.resourceVersion) {
      return { status: 409, headers: {}, body: '' };
    }
    lease.metadata.resourceVersion = String(++this.#version);
    this.lease = lease;
    return { status: 200, headers: {}, body: lease };
  }

  options(identity: string) {
    return {
      cluster: this.cluster,
      log: silentLog,
      id: 'test-leader-election',
      namespace: 'flux-system',
      identity,
      leaseDurationMs: 3_600_000,
      renewDeadlineMs: 1_800_000,
      retryPeriodMs: 1,
    };
  }
}

const never = new AbortController().signal;

test('the lease goes to one, and to the next when it is released', async () => {
  const server = new LeaseServer();
  const first = await acquireLeadership(server.options('a'), never);
  let isSecond = false;
  const waiting = acquireLeadership(server.options('b'), never).then((leadership) => {
    isSecond = true;
    return leadership;
  });
  expect(server.lease?.['spec']).toMatchObject({ holderIdentity: 'a', leaseTransitions: 0 });
  expect(isSecond).toBe(false);
  await first.release();
  const second = await waiting;

  expect(server.lease?.['spec']).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  await second.release();
  expect(server.lease?.['spec']).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
});

test('a lease whose holder is silent for its duration is taken over', async () => {
  const server = new LeaseServer();
  const spec = {
    holderIdentity: 'gone',
    leaseDurationSeconds: 35,
    leaseTransitions: 4,
    acquireTime: 'x',
    renewTime: 'x',
  };
  server.lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'test-leader-election', namespace: 'flux-system', resourceVersion: '0' },
    spec,
  };
  let now = 0;
  const leadership = await acquireLeadership(
    { ...server.options('b'), leaseDurationMs: 40_000, renewDeadlineMs: 30_000, now: () => (now += 20_000) },
    never,
  );

  expect(server.lease['spec']).toMatchObject({ holderIdentity: 'b', leaseTransitions: 5 });
  await leadership.release();
});

test('a lease that cannot be renewed before the deadline is lost', async () => {
  const server = new LeaseServer();
  const { lost } = await acquireLeadership({ ...server.options('a'), renewDeadlineMs: 20 }, never);
  server.isDown = true;
  await new Promise((resolve) => lost.addEventListener('abort', resolve));

  expect(lost.reason).toMatchObject({ code: 'LEADERSHIP_LOST' });
});

test('waiting ends with the signal', async () => {
  const server = new LeaseServer();
  const first = await acquireLeadership(server.options('a'), never);
  const controller = new AbortController();
  const waiting = acquireLeadership(server.options('b'), controller.signal);
  controller.abort(new Error('stopping'));

  await expect(waiting).rejects.toThrow('stopping');
  await first.release();
});

test('each shard elects its own leader (KUS-CTRL-04)', () => {
  expect(leaderElectionId('kustomize-controller')).toBe('kustomize-controller-leader-election');
  expect(leaderElectionId('kustomize-controller', 'shard=1')).toMatch(
    /^kustomize-controller-leader-election-[0-9a-f]{8}$/,
  );
});
