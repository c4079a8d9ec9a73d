import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DirectClient } from '../testing/direct-client.ts';
import { accepts, collections, requests } from '../testing/request-arbitraries.ts';
import { definition, seeds } from '../testing/seeds.table.ts';

let direct: DirectClient;
const panics: string[] = [];

beforeAll(async () => {
  direct = await DirectClient.start({
    controllers: false,
    log: (message, error) => panics.push(`${message}: ${error instanceof Error ? error.stack : error}`),
  });
  await direct.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
  await direct.create('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
  for (const [collection, object] of seeds) {
    if (object !== definition) await direct.create(collection, object);
  }
});
afterAll(() => direct.close());

test('whatever is asked, the server has an answer that it means', async () => {
  await fc.assert(
    fc.asyncProperty(requests, async (sent) => {
      const { status } = await direct.server.handle(sent);
      expect(panics).toEqual([]);
      expect(status).toBeGreaterThanOrEqual(200);
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 2000) },
  );
});

test('and everything that it has can be read afterwards', async () => {
  for (const collection of collections.filter(
    (item) => /^\/apis?\/.*\/[a-z]+s$/.test(item) && !item.includes('review'),
  )) {
    for (const accept of accepts.filter((item) => item.startsWith('application'))) {
      const { status } = await direct.send('GET', collection, undefined, { headers: { accept } });
      expect([collection, accept, [200, 404, 406].includes(status)]).toEqual([collection, accept, true]);
    }
  }
  expect(panics).toEqual([]);
});
