import type { KubeObject } from '@flux/apimachinery';
import { clusterOver, type TransportRequest, type TransportResponse } from '@flux/client';
import { expect, test } from 'vitest';
import { conditionsOf } from './conditions.ts';
import { ObjectWriter } from './object-writer.ts';

const discovery = {
  '/api': { kind: 'APIGroupDiscoveryList', items: [] },
  '/apis': {
    kind: 'APIGroupDiscoveryList',
    items: [
      {
        metadata: { name: 'x.io' },
        versions: [
          {
            version: 'v1',
            resources: [{ resource: 'widgets', responseKind: { kind: 'Widget' }, scope: 'Namespaced' }],
          },
        ],
      },
    ],
  },
};

/** A writer on a connection whose answers the test gives; requests other than discovery are kept. */
function writerWith(
  object: KubeObject,
  answers: (TransportResponse | ((request: TransportRequest) => TransportResponse))[],
) {
  const requests: TransportRequest[] = [];
  const cluster = clusterOver(
    {
      send(request) {
        const known = discovery[request.path as keyof typeof discovery];
        if (known) return Promise.resolve({ status: 200, headers: {}, body: known });
        requests.push(request);
        const answer = answers.shift();
        if (!answer) throw new Error(`unexpected ${request.method} ${request.path}`);
        return Promise.resolve(typeof answer === 'function' ? answer(request) : answer);
      },
      stream: () => {
        throw new Error('not asked for');
      },
      close: () => Promise.resolve(),
    },
    'test',
  );
  const writer = new ObjectWriter(object, {
    cluster,
    fieldManager: 'gotk-test',
    ownedConditions: ['Ready', 'Reconciling', 'Stalled'],
    acknowledge: () => {},
    signal: new AbortController().signal,
  });
  return { writer, requests };
}

function widget(resourceVersion: string, status: Record<string, unknown> = {}): KubeObject {
  return {
    apiVersion: 'x.io/v1',
    kind: 'Widget',
    metadata: { name: 'w', namespace: 'ns', uid: 'u', resourceVersion, generation: 1 },
    status,
  };
}

const foreign = {
  type: 'Approved',
  status: 'True',
  reason: 'R',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
};
const conflict: TransportResponse = {
  status: 409,
  headers: {},
  body: { kind: 'Status', code: 409, reason: 'Conflict', message: 'conflict' },
};

function ok(object: KubeObject): TransportResponse {
  return { status: 200, headers: {}, body: object };
}

test('nothing is sent when nothing changed', async () => {
  const object = widget('1', { a: 1, conditions: [foreign] });
  const { writer, requests } = writerWith(object, []);
  object['status'] = { conditions: [{ ...foreign }], a: 1 };

  await writer.writeStatus(object);

  expect(requests).toEqual([]);
});

test('a patch holds the changed fields, and conditions under the lock of the resourceVersion', async () => {
  const object = widget('1', { a: 1, gone: true, conditions: [foreign] });
  const { writer, requests } = writerWith(object, [ok(widget('2'))]);
  object['status'].a = 2;
  delete object['status'].gone;
  conditionsOf(object, () => new Date(0)).set({ type: 'Ready', status: 'True', reason: 'R', message: 'm' });

  await writer.writeStatus(object);

  expect(requests[0]).toMatchObject({
    method: 'PATCH',
    path: '/apis/x.io/v1/namespaces/ns/widgets/w/status',
    query: { fieldManager: 'gotk-test' },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  expect(requests[0]?.body).toEqual({
    metadata: { resourceVersion: '1' },
    status: {
      a: 2,
      gone: null,
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'R',
          message: 'm',
          lastTransitionTime: '1970-01-01T00:00:00Z',
          observedGeneration: 1,
        },
        foreign,
      ],
    },
  });
});

test('after a conflict, conditions that others wrote meanwhile are kept (SRC-CTL-17)', async () => {
  const object = widget('1');
  const fresh = widget('5', { conditions: [foreign], others: 'field' });
  const { writer, requests } = writerWith(object, [conflict, ok(fresh), ok(widget('6'))]);
  conditionsOf(object).set({ type: 'Ready', status: 'True', reason: 'R', message: 'm' });

  await writer.writeStatus(object);

  const body = requests[2]?.body as { metadata: unknown; status: { conditions: { type: string }[] } };
  expect(requests.map((request) => request.method)).toEqual(['PATCH', 'GET', 'PATCH']);
  expect(body.metadata).toEqual({ resourceVersion: '5' });
  expect(body.status.conditions.map((condition) => condition.type)).toEqual(['Ready', 'Approved']);
  expect(Object.keys(body.status)).toEqual(['conditions']);
});

test('a field that the schema prunes is not sent again and again', async () => {
  const object = widget('1');
  const { writer, requests } = writerWith(object, [ok(widget('2'))]);
  object['status'] = { pruned: true };

  await writer.writeStatus(object);
  await writer.writeStatus(object);

  expect(requests).toHaveLength(1);
});

test('what a step writes while a patch is under way is in the next one', async () => {
  const object = widget('1');
  const { writer, requests } = writerWith(object, [
    () => {
      object['status'].late = true;
      return ok(widget('2', { early: true }));
    },
    ok(widget('3')),
  ]);
  object['status'] = { early: true };

  await writer.writeStatus(object);
  await writer.writeStatus(object);

  expect(requests[1]?.body).toEqual({ status: { late: true } });
});

test('a finalizer is added to those that are there now', async () => {
  const object = widget('1');
  const fresh = widget('2');
  fresh.metadata.finalizers = ['other.io/x'];
  const { writer, requests } = writerWith(object, [conflict, ok(fresh), ok(widget('3'))]);

  await writer.addFinalizer(object, 'finalizers.fluxcd.io');

  expect(requests[2]?.body).toEqual({
    metadata: { resourceVersion: '2', finalizers: ['other.io/x', 'finalizers.fluxcd.io'] },
  });
  expect(requests[2]?.path).toBe('/apis/x.io/v1/namespaces/ns/widgets/w');
});
