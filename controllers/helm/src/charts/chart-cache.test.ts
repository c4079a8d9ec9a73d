import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Artifact } from '@flux/api';
import { sha256Hex } from '@flux/crypto';
import { ArchiveNotFoundError } from '@flux/http';
import { type ChartServer, packChart, serveCharts } from '@flux/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ChartCache, type ChartCacheOptions } from './chart-cache.ts';

let server: ChartServer;
let digest = '';

beforeAll(async () => {
  server = await serveCharts();
  const { archive } = await packChart({ 'Chart.yaml': 'apiVersion: v2\nname: demo\nversion: 1.0.0\n' });
  server.put('demo.tgz', archive);
  digest = `sha256:${sha256Hex(archive)}`;
});
afterAll(() => server.close());

async function startRefusingServer(status: number): Promise<{ url: string } & AsyncDisposable> {
  const refusing = createServer((_, response) => response.writeHead(status).end()).listen(0, '127.0.0.1');
  await once(refusing, 'listening');
  const { port } = refusing.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => refusing.close(() => resolve()).closeAllConnections());
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close };
}

async function load(more: Partial<Artifact> = {}, options: Partial<ChartCacheOptions> = {}, times = 1) {
  await using cache = new ChartCache({
    retries: 0,
    timeoutMs: 60_000,
    maxBytes: 1_000_000,
    environment: {},
    ...options,
  });
  const artifact: Artifact = {
    url: `${server.url}/demo.tgz`,
    digest,
    revision: '1.0.0',
    path: '',
    lastUpdateTime: '',
    ...more,
  };
  const loads = Array.from({ length: times }, () => cache.load(artifact, AbortSignal.timeout(60_000)));
  return (await Promise.all(loads))[0]?.metadata.version;
}

test('a chart is fetched once, whoever asks for it', async () => {
  const before = server.requests.length;

  expect(await load({}, {}, 3)).toBe('1.0.0');
  expect(server.requests.length - before).toBe(1);
});

test('the same chart elsewhere does not wait for an address at which nobody answers', async () => {
  await using failing = await startRefusingServer(503);
  await using cache = new ChartCache({ retries: 9, timeoutMs: 60_000, maxBytes: 1_000_000, environment: {} });
  const artifact = { digest, revision: '1.0.0', path: '', lastUpdateTime: '' };
  const gone = new AbortController();
  const stuck = cache.load({ ...artifact, url: `${failing.url}/demo.tgz` }, gone.signal);

  const chart = await cache.load({ ...artifact, url: `${server.url}/demo.tgz` }, AbortSignal.timeout(60_000));

  expect(chart.metadata.version).toBe('1.0.0');
  gone.abort(new Error('moved'));
  await expect(stuck).rejects.toThrow('moved');
});

test('a chart must have the digest of its artifact (HELM-FLOW-08)', async () => {
  const other = `sha256:${'0'.repeat(64)}`;

  await expect(load({ digest: other })).rejects.toThrow(`integrity failure: computed digest doesn't match '${other}'`);
  await expect(load({ digest: 'abc' })).rejects.toThrow("failed to parse digest 'abc': ");
  await expect(load({ digest: 'crc32:abcd' })).rejects.toThrow("failed to parse digest 'crc32:abcd': ");
});

test('an answer that is no chart is told with its address and status (HELM-FLOW-08)', async () => {
  await using refusing = await startRefusingServer(403);
  const url = `${refusing.url}/demo.tgz`;

  await expect(load({ url })).rejects.toThrow(`failed to download chart from '${url}' (status: 403 Forbidden)`);
});

test('a server that fails is asked again as often as --http-retry says (HELM-FLOW-08)', async () => {
  await using failing = await startRefusingServer(503);
  const url = `${failing.url}/demo.tgz`;

  await expect(load({ url })).rejects.toThrow(
    `GET ${url} giving up after 1 attempt(s): failed to download chart from '${url}' (status: 503 Service Unavailable)`,
  );
});

test('a chart that is not there has its own error (HELM-FLOW-08)', async () => {
  await expect(load({ url: `${server.url}/gone.tgz` })).rejects.toThrow(ArchiveNotFoundError);
});

test('the host can be overridden (HELM-FLOW-08)', async () => {
  const environment = { SOURCE_CONTROLLER_LOCALHOST: new URL(server.url).host };

  expect(await load({ url: 'http://source-controller.flux-system.svc/demo.tgz' }, { environment })).toBe('1.0.0');
});
