import { expect, test } from 'vitest';
import { clusterOver } from './api-cluster.ts';
import type { Transport, TransportRequest } from './cluster.ts';
import { discover } from './discovery.ts';

type Answers = Record<string, unknown>;

function transportOf(answers: Answers): Transport & { requests: string[] } {
  const requests: string[] = [];
  return {
    requests,
    send(request: TransportRequest) {
      requests.push(`${request.method} ${request.path}`);
      const body = answers[request.path];
      return Promise.resolve(
        body === undefined
          ? { status: 404, headers: {}, body: '404 page not found' }
          : { status: 200, headers: {}, body },
      );
    },
    stream: () => {
      throw new Error('not asked for');
    },
    close: () => Promise.resolve(),
  };
}

const aggregated: Answers = {
  '/api': {
    kind: 'APIGroupDiscoveryList',
    items: [
      {
        metadata: { name: '' },
        versions: [
          {
            version: 'v1',
            resources: [
              {
                resource: 'configmaps',
                responseKind: { group: '', version: 'v1', kind: 'ConfigMap' },
                scope: 'Namespaced',
                singularResource: 'configmap',
                shortNames: ['cm'],
                verbs: ['get', 'list'],
              },
              {
                resource: 'namespaces',
                responseKind: { group: '', version: 'v1', kind: 'Namespace' },
                scope: 'Cluster',
              },
            ],
          },
        ],
      },
    ],
  },
  '/apis': { kind: 'APIGroupDiscoveryList', items: [] },
};

const classic: Answers = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/api/v1': {
    kind: 'APIResourceList',
    resources: [
      {
        name: 'configmaps',
        kind: 'ConfigMap',
        namespaced: true,
        singularName: 'configmap',
        shortNames: ['cm'],
        verbs: ['get', 'list'],
      },
      { name: 'configmaps/status', kind: 'ConfigMap', namespaced: true },
      { name: 'namespaces', kind: 'Namespace', namespaced: false },
    ],
  },
  '/apis': {
    kind: 'APIGroupList',
    groups: [
      {
        versions: [{ groupVersion: 'x.io/v1beta1' }, { groupVersion: 'x.io/v1' }],
        preferredVersion: { groupVersion: 'x.io/v1' },
      },
      { versions: [{ groupVersion: 'down.io/v1' }] },
    ],
  },
  '/apis/x.io/v1': { kind: 'APIResourceList', resources: [{ name: 'widgets', kind: 'Widget', namespaced: true }] },
  '/apis/x.io/v1beta1': { kind: 'APIResourceList', resources: [{ name: 'widgets', kind: 'Widget', namespaced: true }] },
};

test('aggregated discovery takes two requests', async () => {
  const transport = transportOf(aggregated);
  const mappings = await discover(transport);

  expect(transport.requests).toEqual(['GET /api', 'GET /apis']);
  expect(mappings[0]).toEqual({
    group: '',
    version: 'v1',
    kind: 'ConfigMap',
    resource: 'configmaps',
    namespaced: true,
    singular: 'configmap',
    shortNames: ['cm'],
    categories: [],
    verbs: ['get', 'list'],
  });
  expect(mappings[1]).toMatchObject({ resource: 'namespaces', namespaced: false });
});

test('a server without it is asked list by list: preferred versions first, a group that is down left out', async () => {
  const mappings = await discover(transportOf(classic));

  expect(mappings.map(({ group, version, resource }) => `${group}/${version}/${resource}`)).toEqual([
    '/v1/configmaps',
    '/v1/namespaces',
    'x.io/v1/widgets',
    'x.io/v1beta1/widgets',
  ]);
});

test('an unknown kind looks once more, shared by all who ask at the same time, then names kind and version', async () => {
  const transport = transportOf(aggregated);
  const cluster = clusterOver(transport, 'test');
  await cluster.mappings();
  const ask = () => cluster.mapping({ apiVersion: 'x.io/v1', kind: 'Widget' });

  const results = await Promise.allSettled([ask(), ask(), ask()]);

  expect(transport.requests).toEqual(['GET /api', 'GET /apis', 'GET /apis/x.io/v1']);
  expect(results.map((result) => (result.status === 'rejected' ? result.reason.message : ''))).toEqual(
    Array(3).fill('no matches for kind "Widget" in version "x.io/v1"'),
  );
});

test('items of a list get the apiVersion and kind that the server leaves out', async () => {
  const cluster = clusterOver(
    transportOf({
      ...aggregated,
      '/api/v1/namespaces/a/configmaps': { metadata: { resourceVersion: '7' }, items: [{ metadata: { name: 'x' } }] },
    }),
    'test',
  );

  expect(await cluster.list({ apiVersion: 'v1', kind: 'ConfigMap' }, { namespace: 'a' })).toEqual({
    metadata: { resourceVersion: '7' },
    items: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }],
  });
});

test('an answer that is no Status reads as client-go has it', async () => {
  const cluster = clusterOver(transportOf(aggregated), 'test');
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x' };

  await expect(cluster.get(ref)).rejects.toMatchObject({
    statusCode: 404,
    message: 'the server could not find the requested resource',
  });
  expect(await cluster.find(ref)).toBeUndefined();
});

test('a name cannot leave its place in the path', async () => {
  const cluster = clusterOver(transportOf(aggregated), 'test');

  for (const name of ['..', 'a/b', '', 'a%2fb']) {
    await expect(cluster.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'ns', name })).rejects.toMatchObject({
      code: 'INVALID_NAME',
    });
  }
});

test('impersonation is sent with every request of that cluster only', async () => {
  const seen: TransportRequest[] = [];
  const transport: Transport = {
    ...transportOf(aggregated),
    send: (request) => {
      seen.push(request);
      return transportOf({ ...aggregated, '/api/v1/namespaces/x': {} }).send(request);
    },
  };
  const cluster = clusterOver(transport, 'test');
  const ref = { apiVersion: 'v1', kind: 'Namespace', name: 'x' };
  await cluster.impersonate({ name: 'me', groups: ['a', 'b'] }).get(ref);
  await cluster.get(ref);

  expect(seen.at(-2)?.headers).toEqual({ 'impersonate-user': 'me', 'impersonate-group': ['a', 'b'] });
  expect(seen.at(-1)?.headers).toEqual({});
});

test('a command that looks at one kind asks for its version only', async () => {
  const transport = transportOf(classic);
  const cluster = clusterOver(transport, 'test', { discoversByVersion: true });
  const mapping = await cluster.mapping({ apiVersion: 'v1', kind: 'ConfigMap' });
  expect(mapping).toMatchObject({ resource: 'configmaps', namespaced: true });
  await cluster.mapping({ apiVersion: 'v1', kind: 'ConfigMap' });
  expect(transport.requests).toEqual(['GET /api/v1']);
});

test('a kind that its version does not have is looked for in all that is served', async () => {
  const transport = transportOf(classic);
  const cluster = clusterOver(transport, 'test', { discoversByVersion: true });
  await expect(cluster.mapping({ apiVersion: 'v1', kind: 'Missing' })).rejects.toThrow(/no matches for kind "Missing"/);
  expect(transport.requests.slice(0, 3)).toEqual(['GET /api/v1', 'GET /api', 'GET /apis']);
});

test('what has not changed since the last discovery is not sent again (HELM-TPL-12)', async () => {
  const inner = transportOf(aggregated);
  const statuses: number[] = [];
  const transport: Transport = {
    ...inner,
    async send(request) {
      const isKnown = request.headers?.['if-none-match'] === '"1"';
      const answer = isKnown ? { status: 304, headers: {}, body: undefined } : await inner.send(request);
      statuses.push(answer.status);
      return { ...answer, headers: { etag: '"1"' } };
    },
  };
  const cluster = clusterOver(transport, 'test');
  const first = await cluster.mappings();

  cluster.invalidate();

  expect(await cluster.mappings()).toBe(first);
  expect(statuses).toEqual([200, 200, 304, 304]);
});
