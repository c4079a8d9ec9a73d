import type { KubeObject } from '@flux/apimachinery';
import { type ApiServer, startApiServer } from '@flux/apiserver';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clusterOver } from './api-cluster.ts';
import type { Cluster, TransportRequest } from './cluster.ts';
import { listAll } from './list-all.ts';

const kind = { apiVersion: 'v1', kind: 'ConfigMap' };
const names = ['a', 'b', 'c', 'd', 'e'];
let server: ApiServer;
let cluster: Cluster;
let lists: TransportRequest['query'][];
let beforeList: () => unknown;

beforeAll(async () => {
  server = await startApiServer({ workloads: false, controllers: false });
  const send = async (request: TransportRequest) => {
    if (request.method === 'GET' && request.path.endsWith('/configmaps')) {
      lists.push(request.query ?? {});
      await beforeList();
    }
    return server.handle(request);
  };
  cluster = clusterOver({ send, stream: server.stream, close: async () => {} }, 'direct');
  for (const name of names) {
    const metadata = { name, namespace: 'default' };
    await cluster.create({ ...kind, metadata, data: { secret: 's' } }, { fieldManager: 'me' });
  }
});

afterAll(() => server.close());

function nameOf(object: KubeObject): string {
  return object.metadata.name;
}

test('a list comes in pages, and of each object only what is to be kept', async () => {
  lists = [];
  beforeList = () => {};
  const keep = ({ metadata }: KubeObject) => ({ ...kind, metadata });
  const { items } = await listAll(cluster, kind, { namespace: 'default', pageSize: 2, keep });

  expect(items.map(nameOf)).toEqual(names);
  expect(items.filter((item) => 'data' in item)).toEqual([]);
  expect(lists.map((query) => query?.['limit'])).toEqual(['2', '2', '2']);
});

test('when the pages are too old, everything is asked for at once', async () => {
  lists = [];
  beforeList = async () => {
    if (lists.length !== 2) return;
    await cluster.create({ ...kind, metadata: { name: 'later', namespace: 'kube-system' } });
    server.compact();
  };
  const { items, metadata } = await listAll(cluster, kind, { namespace: 'default', pageSize: 2 });

  expect(items.map(nameOf)).toEqual(names);
  expect(metadata.continue).toBeUndefined();
  expect(lists.map((query) => query?.['limit'])).toEqual(['2', '2', undefined]);
});

test('an abort ends the list before the next page', async () => {
  lists = [];
  const abort = new AbortController();
  beforeList = () => abort.abort(new Error('stop'));
  const options = { namespace: 'default', pageSize: 2, signal: abort.signal };

  await expect(listAll(cluster, kind, options)).rejects.toThrow('stop');
  expect(lists).toHaveLength(1);
});

test('metadata alone is asked for and comes under the own kind, in lists and watches', async () => {
  lists = [];
  beforeList = () => {};
  const abort = new AbortController();
  const options = { namespace: 'default', metadataOnly: true, signal: abort.signal };
  const { items } = await cluster.list(kind, options);
  const seen: unknown[] = [];
  for await (const event of cluster.watch(kind, options)) {
    seen.push(event.object);
    if (seen.length === names.length) abort.abort();
  }

  expect(items[0]).toMatchObject({ ...kind, metadata: { name: 'a' } });
  expect(Object.keys(items[0]!).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
  expect(seen).toEqual(items);
});
