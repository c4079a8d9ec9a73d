import { connect, createServer, type Server, type Socket } from 'node:net';
import type { KubeObject } from '@flux/apimachinery';
import { type ApiServer, startApiServer } from '@flux/apiserver';
import { type Cluster, clusterOver, httpTransport, resolveConnection } from '@flux/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createWatchCache } from './shared-watches.ts';
import type { WatchCache } from './watch-cache.ts';

const kind = { apiVersion: 'v1', kind: 'ConfigMap' };
let server: ApiServer;
let line: Line;
let cluster: Cluster;
let lists: number;
let cache: WatchCache;

/** A way to the server that can be cut. */
interface Line {
  port: number;
  cut(): void;
  close(): void;
}

async function lineTo(target: number): Promise<Line> {
  const sockets = new Set<Socket>();
  const proxy: Server = createServer((client) => {
    const onward = connect(target, '127.0.0.1');
    for (const socket of [client, onward]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    client.pipe(onward).pipe(client);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const address = proxy.address();
  const close = () => {
    cut();
    proxy.close();
  };
  return { port: typeof address === 'object' && address ? address.port : 0, cut, close };
}

beforeAll(async () => {
  server = await startApiServer({ workloads: false });
  line = await lineTo(Number(new URL(server.url).port));
  const kubeconfigText = server.adminKubeconfig().replace(server.url, `https://127.0.0.1:${line.port}`);
  const transport = httpTransport(await resolveConnection({ kubeconfigText }));
  const send: typeof transport.send = (request) => {
    if (request.method === 'GET' && request.path.endsWith('/configmaps')) lists += 1;
    return transport.send(request);
  };
  cluster = clusterOver(
    { ...transport, send, stream: (it) => transport.stream(it), close: () => transport.close() },
    'line',
  );
});

afterEach(() => cache.close());

afterAll(async () => {
  await cluster.close();
  line.close();
  await server.close();
});

/** Writes past the line, so that only the watch depends on it. */
function write(object: KubeObject): Promise<unknown> {
  return server.handle({ method: 'POST', path: '/api/v1/namespaces/default/configmaps', body: object });
}

function configMap(name: string): KubeObject {
  return { ...kind, metadata: { name, namespace: 'default' } };
}

test('after a cut the watch goes on where it was: what happened meanwhile arrives, without a list', async () => {
  lists = 0;
  cache = createWatchCache(cluster);
  const view = cache.view(kind, { namespace: 'default' });
  await view.synced();
  await write(configMap('before'));
  await expect.poll(() => view.get('default/before')).toBeDefined();
  line.cut();
  await write(configMap('meanwhile'));
  await expect.poll(() => view.get('default/meanwhile')).toBeDefined();

  expect(lists).toBe(1);
});

test('when the server has forgotten the version of the watch, one list brings what was missed', async () => {
  lists = 0;
  cache = createWatchCache(cluster);
  const view = cache.view(kind, { namespace: 'default', fieldSelector: 'metadata.name!=none' });
  await view.synced();
  line.cut();
  await write(configMap('missed'));
  server.compact();
  await expect.poll(() => view.get('default/missed')).toBeDefined();

  expect(lists).toBeLessThanOrEqual(2);
});

test('closing ends a watch at once', async () => {
  cache = createWatchCache(cluster);
  const view = cache.view(kind, { namespace: 'default', labelSelector: 'never' });
  await view.synced();

  await cache.close();
});
