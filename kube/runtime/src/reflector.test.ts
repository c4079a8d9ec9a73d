import { type KubeObject, StatusError } from '@flux/apimachinery';
import { clusterOver, type TransportRequest } from '@flux/client';
import { afterEach, expect, test } from 'vitest';
import { createWatchCache } from './shared-watches.ts';
import type { WatchCache } from './watch-cache.ts';

const kind = { apiVersion: 'v1', kind: 'ConfigMap' };
const discovery: Record<string, unknown> = {
  '/api': {
    kind: 'APIGroupDiscoveryList',
    items: [
      {
        metadata: { name: '' },
        versions: [
          {
            version: 'v1',
            resources: [{ resource: 'configmaps', responseKind: { kind: 'ConfigMap' }, scope: 'Namespaced' }],
          },
        ],
      },
    ],
  },
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

function configMap(name: string, resourceVersion: string, data = ''): KubeObject {
  return {
    ...kind,
    metadata: { name, namespace: 'ns', uid: name, resourceVersion, managedFields: [] },
    data: { data },
  };
}

const forbidden = {
  status: 403,
  headers: {},
  body: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    code: 403,
    reason: 'Forbidden',
    message: 'no',
  },
} as const;

/** A server whose lists and watch events the test deals out. */
class ScriptedServer {
  readonly requests: TransportRequest[] = [];
  objects: KubeObject[] = [];
  /** Paths that start so are answered with 403. */
  forbidden: string[] = [];
  resourceVersion = '10';
  #watches: { push(event: unknown): void; end(error?: Error): void }[] = [];
  #waiting: (() => void)[] = [];

  readonly cluster = clusterOver(
    {
      send: (request) => Promise.resolve(this.#answer(request)),
      stream: (request) => this.#stream(request),
      close: () => Promise.resolve(),
    },
    'test',
  );

  /** Resolves with the n-th watch, counted from 1, once it is open. */
  async watch(n: number) {
    while (this.#watches.length < n) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.#watches[n - 1]!;
  }

  paths(): string[] {
    return this.requests.map(({ path, query = {} }) => {
      const { resourceVersion, watch, limit } = query;
      return `${watch ? 'watch' : limit === '1' ? 'version' : limit ? 'list' : 'get'} ${path}${resourceVersion ? `@${resourceVersion}` : ''}`;
    });
  }

  #answer(request: TransportRequest) {
    const known = discovery[request.path];
    if (known) return { status: 200, headers: {}, body: known };
    this.requests.push(request);
    if (this.forbidden.some((path) => request.path === path)) return forbidden;
    const name = /(?:configmaps|widgets)\/(.*)$/.exec(request.path)?.[1];
    if (name === undefined) {
      const items = request.query?.['limit'] === '1' ? this.objects.slice(0, 1) : this.objects;
      return { status: 200, headers: {}, body: { metadata: { resourceVersion: this.resourceVersion }, items } };
    }
    const object = this.objects.find((item) => item.metadata.name === name);
    return object
      ? { status: 200, headers: {}, body: object }
      : { status: 404, headers: {}, body: { kind: 'Status', code: 404 } };
  }

  async *#stream(request: TransportRequest): AsyncGenerator<unknown, void, undefined> {
    this.requests.push(request);
    if (this.forbidden.includes(request.path)) throw new StatusError(forbidden.body);
    const events: unknown[] = [];
    let ended: { error?: Error } | undefined;
    let wake = Promise.withResolvers<void>();
    this.#watches.push({
      push: (event) => {
        events.push(event);
        wake.resolve();
      },
      end: (error) => {
        ended = error ? { error } : {};
        wake.resolve();
      },
    });
    for (const resolve of this.#waiting.splice(0)) resolve();
    request.signal?.addEventListener('abort', () => {
      ended = {};
      wake.resolve();
    });
    for (;;) {
      yield* events.splice(0);
      if (ended?.error) throw ended.error;
      if (ended) return;
      await wake.promise;
      wake = Promise.withResolvers();
    }
  }
}

const caches: WatchCache[] = [];

afterEach(async () => {
  for (const cache of caches.splice(0)) await cache.close();
});

function cacheOf(server: ScriptedServer): WatchCache {
  const cache = createWatchCache(server.cluster, { pollMs: 1 });
  caches.push(cache);
  return cache;
}

/** Resolves with the next change that a view reports. */
function nextChange(view: { subscribe(listener: (change: { type: string; object: KubeObject }) => void): Disposable }) {
  return new Promise<string>((resolve) => {
    const subscription = view.subscribe((change) => {
      subscription[Symbol.dispose]();
      resolve(`${change.type} ${change.object.metadata.name}@${change.object.metadata.resourceVersion}`);
    });
  });
}

test('all users of a kind share one list and one watch', async () => {
  const server = new ScriptedServer();
  server.objects = [configMap('a', '3')];
  const cache = cacheOf(server);
  const views = [cache.view(kind), cache.view(kind), cache.view(kind)];
  await Promise.all(views.map((view) => view.synced()));
  await server.watch(1);

  expect(server.paths()).toEqual(['list /api/v1/configmaps', 'watch /api/v1/configmaps@10']);
  expect(views[2]?.get('ns/a')?.metadata).not.toHaveProperty('managedFields');
});

test('an object of a kind that is watched anyway is known, and followed where that is enough, without a request', async () => {
  const server = new ScriptedServer();
  server.objects = [configMap('a', '3')];
  const cache = cacheOf(server);
  const ref = { ...kind, namespace: 'ns', name: 'a' };
  expect(cache.peek(ref)).toBeUndefined();
  await cache.view(kind).synced();
  const watch = await server.watch(1);
  expect(cache.peek(ref)?.object?.metadata.resourceVersion).toBe('3');
  expect(cache.peek({ ...ref, name: 'b' })).toEqual({ object: undefined });
  const told = Promise.withResolvers<KubeObject | undefined>();
  cache.observe(ref, (object) => object?.metadata.resourceVersion === '12' && told.resolve(object), { mayLag: true });
  watch.push({ type: 'MODIFIED', object: configMap('a', '12') });

  expect((await told.promise)?.metadata.name).toBe('a');
  expect(server.paths()).toEqual(['list /api/v1/configmaps', 'watch /api/v1/configmaps@10']);
});

test('a cut watch resumes where it was, bookmarks included', async () => {
  const server = new ScriptedServer();
  const view = cacheOf(server).view(kind);
  const first = await server.watch(1);
  const added = nextChange(view);
  first.push({ type: 'ADDED', object: configMap('a', '11') });
  first.push({ type: 'BOOKMARK', object: { ...kind, metadata: { resourceVersion: '20' } } });
  expect(await added).toBe('added a@11');
  first.end();
  const second = await server.watch(2);
  const deleted = nextChange(view);
  second.push({ type: 'DELETED', object: configMap('a', '21') });

  expect(await deleted).toBe('deleted a@21');
  expect(server.paths().at(-1)).toBe('watch /api/v1/configmaps@20');
});

test('a watch that is too old lists again and reports the difference', async () => {
  const server = new ScriptedServer();
  server.objects = [configMap('a', '3'), configMap('b', '4')];
  const view = cacheOf(server).view(kind);
  await view.synced();
  const first = await server.watch(1);
  const changes: string[] = [];
  view.subscribe((change) => changes.push(`${change.type} ${change.object.metadata.name} ${change.initial}`));
  server.objects = [configMap('b', '4'), configMap('c', '30')];
  server.resourceVersion = '30';
  first.push({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } });
  await server.watch(2);

  expect(changes).toEqual(['deleted a true', 'added c true']);
  expect(server.paths().slice(-2)).toEqual(['list /api/v1/configmaps', 'watch /api/v1/configmaps@30']);
});

test('a single object is followed without listing its kind', async () => {
  const server = new ScriptedServer();
  server.objects = [configMap('a', '3'), configMap('other', '4')];
  const cache = cacheOf(server);
  const seen: (string | undefined)[] = [];
  const done = cache.waitFor(
    { ...kind, namespace: 'ns', name: 'a' },
    (object) => {
      seen.push(object?.metadata.resourceVersion);
      return object?.['data']?.data === 'ready';
    },
    new AbortController().signal,
  );
  const watch = await server.watch(1);
  watch.push({ type: 'MODIFIED', object: configMap('other', '11') });
  watch.push({ type: 'MODIFIED', object: configMap('a', '12', 'ready') });

  expect((await done)?.metadata.resourceVersion).toBe('12');
  expect(server.paths().slice(0, 3)).toEqual([
    'version /api/v1/namespaces/ns/configmaps',
    'watch /api/v1/namespaces/ns/configmaps@10',
    'get /api/v1/namespaces/ns/configmaps/a',
  ]);
  expect(seen.at(-1)).toBe('12');
});

test('waiting for an object to go ends with its deletion; an absent one is told as undefined', async () => {
  const server = new ScriptedServer();
  server.objects = [configMap('a', '3')];
  const cache = cacheOf(server);
  const signal = new AbortController().signal;
  const gone = cache.waitFor({ ...kind, namespace: 'ns', name: 'a' }, (object) => object === undefined, signal);
  const absent = cache.waitFor({ ...kind, namespace: 'ns', name: 'never' }, (object) => object === undefined, signal);
  expect(await absent).toBeUndefined();
  (await server.watch(1)).push({ type: 'DELETED', object: configMap('a', '12') });

  expect(await gone).toBeUndefined();
});

test('an aborted wait rejects with the reason', async () => {
  const controller = new AbortController();
  const wait = cacheOf(new ScriptedServer()).waitFor(
    { ...kind, namespace: 'ns', name: 'a' },
    () => false,
    controller.signal,
  );
  controller.abort(new Error('enough'));

  await expect(wait).rejects.toThrow('enough');
});

test('a kind that the server does not serve counts as known and empty', async () => {
  const view = cacheOf(new ScriptedServer()).view({ apiVersion: 'y.io/v1', kind: 'Gadget' });
  await view.synced();

  expect(view.list()).toEqual([]);
});

test('objects that may be read but not watched are read again and again', async () => {
  const server = new ScriptedServer();
  server.forbidden = ['/api/v1/configmaps', '/api/v1/namespaces/ns/configmaps'];
  server.objects = [configMap('a', '3')];
  const done = cacheOf(server).waitFor(
    { ...kind, namespace: 'ns', name: 'a' },
    (object) => {
      server.objects = [configMap('a', '4', 'ready')];
      return object?.['data']?.data === 'ready';
    },
    new AbortController().signal,
  );

  expect((await done)?.metadata.resourceVersion).toBe('4');
});

test('a refused watch over all namespaces becomes one in the namespace', async () => {
  const server = new ScriptedServer();
  server.forbidden = ['/apis/x.io/v1/widgets'];
  const widget = { apiVersion: 'x.io/v1', kind: 'Widget' };
  const signal = new AbortController().signal;
  const wait = cacheOf(server).waitFor(
    { ...widget, namespace: 'ns', name: 'w' },
    (object) => object !== undefined,
    signal,
  );
  const watch = await server.watch(1);
  watch.push({ type: 'ADDED', object: { ...configMap('w', '11'), ...widget } });

  expect((await wait)?.kind).toBe('Widget');
  expect(server.paths()).toContain('watch /apis/x.io/v1/namespaces/ns/widgets@10');
});

test('an object that cannot be read is told as such, not as absent', async () => {
  const server = new ScriptedServer();
  server.forbidden = ['/api/v1/namespaces/ns/configmaps/a'];
  const told = await new Promise<unknown[]>((resolve) => {
    cacheOf(server).observe({ ...kind, namespace: 'ns', name: 'a' }, (object, error) =>
      resolve([object, error?.message]),
    );
  });

  expect(told).toEqual([undefined, 'no']);
});
