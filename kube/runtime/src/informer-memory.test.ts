import type { KubeObject } from '@flux/apimachinery';
import { clusterOver, type TransportRequest } from '@flux/client';
import { afterEach, expect, test } from 'vitest';
import { collectGarbage } from './collect-garbage.ts';
import { createWatchCache } from './shared-watches.ts';
import type { WatchCache } from './watch-cache.ts';

const kind = { apiVersion: 'v1', kind: 'ConfigMap' };
const resources = [{ resource: 'configmaps', responseKind: { kind: 'ConfigMap' }, scope: 'Namespaced' }];
const discovery = {
  '/api': { kind: 'APIGroupDiscoveryList', items: [{ metadata: {}, versions: [{ version: 'v1', resources }] }] },
  '/apis': { kind: 'APIGroupDiscoveryList', items: [] },
} as Record<string, unknown>;
const caches: WatchCache[] = [];

afterEach(async () => {
  for (const cache of caches.splice(0)) await cache.close();
});

/** About 4 KB, of which half is managed fields, as objects of the API server are. */
function objectText(index: number): string {
  const keys = Array.from({ length: 20 }, (_, key) => `setting-${key}`);
  const data = Object.fromEntries(keys.map((key) => [key, `${key} of object ${index} `.padEnd(80, '.')]));
  const fields = Object.fromEntries(
    keys.map((key) => [
      `f:${key}-of-${index % 50}-with-a-long-name-that-is-kept-by-nobody`,
      { 'f:a': {}, 'f:b': {}, 'f:c': {} },
    ]),
  );
  const managedFields = [{ manager: 'm', operation: 'Apply', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': fields } }];
  const metadata = { name: `o-${index}`, namespace: 'ns', uid: `${index}`, resourceVersion: '1', managedFields };
  return JSON.stringify({ metadata, data });
}

function cacheOf(count: number, requests: TransportRequest[] = []): WatchCache {
  const answer = (request: TransportRequest): unknown => {
    if (discovery[request.path]) return discovery[request.path];
    requests.push(request);
    const start = Number(request.query?.['continue'] ?? 0);
    const end = Math.min(count, start + Number(request.query?.['limit']));
    const items = Array.from(
      { length: end - start },
      (_, index) => JSON.parse(objectText(start + index)) as KubeObject,
    );
    return { metadata: { resourceVersion: '1', continue: end < count ? String(end) : '' }, items };
  };
  const cluster = clusterOver(
    {
      send: (request) => Promise.resolve({ status: 200, headers: {}, body: answer(request) }),
      async *stream(request) {
        requests.push(request);
        await new Promise((resolve) => request.signal?.addEventListener('abort', resolve));
      },
      close: () => Promise.resolve(),
    },
    'test',
    { ownsBodies: true },
  );
  const cache = createWatchCache(cluster);
  caches.push(cache);
  return cache;
}

function usedBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

test('an object of 4 KB is kept in less than 5 KiB, since its managed fields are not', async () => {
  const count = 4000;
  expect(objectText(1).length).toBeGreaterThan(3500);
  const before = usedBytes();
  const view = cacheOf(count).view(kind);
  await view.synced();

  expect((usedBytes() - before) / count / 1024).toBeLessThan(5);
  expect(view.list()).toHaveLength(count);
  expect(view.list().filter(({ metadata }) => metadata.managedFields)).toEqual([]);
});

test('of a kind whose content is not asked for, only metadata is requested and kept', async () => {
  const requests: TransportRequest[] = [];
  const view = cacheOf(1, requests).view(kind, { metadataOnly: true });
  await view.synced();
  await expect.poll(() => requests.length).toBe(2);

  expect(view.list()).toEqual([
    { ...kind, metadata: { name: 'o-0', namespace: 'ns', uid: '0', resourceVersion: '1' } },
  ]);
  expect(requests.map(({ headers }) => String(headers?.['accept']).slice(0, 50))).toEqual([
    'application/json;as=PartialObjectMetadataList;g=me',
    'application/json;as=PartialObjectMetadata;g=meta.k',
  ]);
});
