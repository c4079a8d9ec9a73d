import type { KubeObject } from '@flux/apimachinery';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../index.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface Extra {
  query?: Record<string, string>;
  headers?: Record<string, string>;
}

/** What tests of this package need of a client: direct calls, and waiting by watch instead of by time. */
export class DirectClient {
  readonly server: ApiServer;

  constructor(server: ApiServer) {
    this.server = server;
  }

  static async start(options: ApiServerOptions = {}): Promise<DirectClient> {
    return new DirectClient(await startApiServer(options));
  }

  async send(method: Method, path: string, body?: unknown, extra: Extra = {}) {
    const headers = { 'content-type': 'application/json', ...extra.headers };
    const answer = await this.server.handle({ method, path, headers, query: extra.query ?? {}, body });
    return { ...answer, body: answer.body as KubeObject & { items: KubeObject[]; message: string; code: number } };
  }

  async create(path: string, body: unknown): Promise<KubeObject> {
    const answer = await this.send('POST', path, body);
    if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.body.message}`);
    return answer.body;
  }

  async get(path: string): Promise<KubeObject & { items: KubeObject[] }> {
    const answer = await this.send('GET', path);
    if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.body.message}`);
    return answer.body;
  }

  patch(path: string, type: 'json' | 'merge' | 'strategic-merge', body: unknown, query: Record<string, string> = {}) {
    return this.send('PATCH', path, body, { query, headers: { 'content-type': `application/${type}-patch+json` } });
  }

  apply(path: string, body: unknown, query: Record<string, string> = { fieldManager: 'test' }) {
    return this.send('PATCH', path, body, { query, headers: { 'content-type': 'application/apply-patch+yaml' } });
  }

  /** The first state of the named object that fits; `undefined` is passed when it is gone. */
  async until(
    collection: string,
    name: string,
    fits: (object: KubeObject | undefined) => boolean,
  ): Promise<KubeObject | undefined> {
    const { items, metadata } = await this.get(collection);
    const now = items.find((item) => item.metadata.name === name);
    if (fits(now)) return now;
    const resourceVersion = metadata.resourceVersion ?? '';
    for await (const event of this.watch(collection, { resourceVersion, fieldSelector: `metadata.name=${name}` })) {
      const object = event.type === 'DELETED' ? undefined : event.object;
      if (fits(object)) return object;
    }
    throw new Error(`the watch of ${collection} ended before ${name} fitted`);
  }

  watch(path: string, query: Record<string, string> = {}, signal?: AbortSignal): AsyncIterable<WatchEvent> {
    const request = { method: 'GET', path, query: { watch: 'true', ...query }, ...(signal ? { signal } : {}) } as const;
    return this.server.stream(request) as AsyncIterable<WatchEvent>;
  }

  close(): Promise<void> {
    return this.server.close();
  }
}

export interface WatchEvent {
  type: string;
  object: KubeObject;
}

export function configMap(name: string, data: Record<string, string> = {}) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

export function deployment(name: string, replicas = 1) {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx:1.25' }] } },
    },
  };
}
