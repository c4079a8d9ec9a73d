import { createHash } from 'node:crypto';
import { type ApiRequest, type ApiResponse, objectResponse, textResponse } from '../http/messages.ts';
import { negotiateDocument, wantsAggregatedDiscovery } from '../http/negotiate.ts';
import type { RequestInfo } from '../http/request-info.ts';
import type { Catalog } from '../registry/catalog.ts';
import { methodNotAllowed, notServed } from '../status.ts';
import { aggregatedGroup, groupDocument, groupsOf, resourceListDocument, resourcesOf } from './groups.ts';
import type { OpenApi } from './openapi.ts';
import { encodeSwagger } from './swagger-protobuf.ts';

const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Answers what kinds there are: /api, /apis and below, /openapi. Documents are cached until the catalog changes. */
export class Discovery {
  readonly #catalog: Catalog;
  readonly #openApi: OpenApi;
  readonly #serverAddress: () => string;
  readonly #cache = new Map<string, { value: unknown; etag: string }>();
  #protobuf: { json: unknown; bytes: Buffer } | undefined;
  #generation = -1;

  constructor(catalog: Catalog, openApi: OpenApi, serverAddress: () => string) {
    this.#catalog = catalog;
    this.#openApi = openApi;
    this.#serverAddress = serverAddress;
  }

  /** `undefined` for a path that is not about discovery. */
  serve(request: ApiRequest, info: RequestInfo): ApiResponse | undefined {
    if (info.prefix === '' && !request.path.startsWith('/openapi/')) return undefined;
    if (request.method !== 'GET') throw methodNotAllowed();
    if (info.prefix === '') return this.#serveOpenApi(request);
    if (info.prefix === 'api') return this.#serveCore(request, info.version);
    return this.#serveGroups(request, info);
  }

  #serveCore(request: ApiRequest, version: string): ApiResponse {
    if (version === 'v1') {
      return this.#document(request, 'core', () => resourceListDocument(resourcesOf(this.#catalog, '', 'v1'), 'v1'));
    }
    if (version !== '') throw notServed();
    if (wantsAggregatedDiscovery(request.headers['accept'])) return this.#aggregated(request, true);
    return this.#document(request, 'api', () => ({
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: this.#serverAddress() }],
    }));
  }

  #serveGroups(request: ApiRequest, { group, version }: RequestInfo): ApiResponse {
    if (group === '') {
      if (wantsAggregatedDiscovery(request.headers['accept'])) return this.#aggregated(request, false);
      return this.#document(request, 'apis', () => ({
        kind: 'APIGroupList',
        apiVersion: 'v1',
        groups: this.#groups().map(groupDocument),
      }));
    }
    const found = this.#groups().find(({ name }) => name === group);
    if (!found) return textResponse(404, '404 page not found\n');
    if (version === '') {
      return this.#document(request, `group:${group}`, () => ({
        kind: 'APIGroup',
        apiVersion: 'v1',
        ...groupDocument(found),
      }));
    }
    if (!found.versions.includes(version)) {
      if (resourcesOf(this.#catalog, group, found.versions[0]!)[0]?.builtin) throw notServed();
      return textResponse(404, '404 page not found\n');
    }
    return this.#document(request, `version:${group}/${version}`, () =>
      resourceListDocument(resourcesOf(this.#catalog, group, version), `${group}/${version}`),
    );
  }

  #groups() {
    return groupsOf(this.#catalog).filter(({ name }) => name !== '');
  }

  #aggregated(request: ApiRequest, core: boolean): ApiResponse {
    const { value, etag } = this.#cached(`aggregated:${core}`, () => {
      const groups = core ? groupsOf(this.#catalog).filter(({ name }) => name === '') : this.#groups();
      const items = groups.map((group) => aggregatedGroup(this.#catalog, group));
      return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
    });
    const headers = { etag, vary: 'Accept' };
    if (request.headers['if-none-match'] === etag) return { status: 304, headers, body: { kind: 'none' } };
    return {
      status: 200,
      headers,
      body: { kind: 'object', value, mediaType: 'application/json', contentType: aggregatedType },
    };
  }

  #serveOpenApi(request: ApiRequest): ApiResponse | undefined {
    const path = request.path.replace(/\/$/, '');
    if (path === '/openapi/v3') {
      const { value } = this.#cached('openapi:v3', () => this.#openApi.index());
      return {
        status: 200,
        headers: {},
        body: { kind: 'object', value, mediaType: 'application/json', contentType: 'text/plain; charset=utf-8' },
      };
    }
    if (path === '/openapi/v2' && wantsOnlyProtobuf(request)) return this.#protobufSwagger(request);
    if (path === '/openapi/v2') return this.#etagged(request, 'openapi:v2', () => this.#openApi.swagger());
    const match = /^\/openapi\/v3\/(.+)$/.exec(path);
    if (!match) return undefined;
    if (!this.#openApi.has(match[1]!)) return { status: 404, headers: {}, body: { kind: 'none' } };
    return this.#etagged(request, `openapi:v3:${match[1]}`, () => this.#openApi.document(match[1]!));
  }

  #protobufSwagger(request: ApiRequest): ApiResponse {
    const { value: json, etag } = this.#cached('openapi:v2', () => this.#openApi.swagger());
    const known = this.#protobuf;
    const isCurrent = known !== undefined && known.json === json;
    const form = isCurrent ? known : { json, bytes: encodeSwagger(json as Record<string, unknown>) };
    this.#protobuf = form;
    // Forms of one document have tags of their own.
    const headers = { etag: etag.replace(/"$/, '-protobuf"'), vary: 'Accept' };
    if (request.headers['if-none-match'] === headers.etag) return { status: 304, headers, body: { kind: 'none' } };
    return { status: 200, headers, body: { kind: 'bytes', bytes: form.bytes, contentType: protobufType } };
  }

  #etagged(request: ApiRequest, key: string, build: () => unknown): ApiResponse {
    const { value, etag } = this.#cached(key, build);
    const headers = { etag, vary: 'Accept' };
    if (request.headers['if-none-match'] === etag) return { status: 304, headers, body: { kind: 'none' } };
    return {
      status: 200,
      headers,
      body: { kind: 'object', value, mediaType: 'application/json', contentType: 'application/json' },
    };
  }

  #document(request: ApiRequest, key: string, build: () => unknown): ApiResponse {
    const choosesItself = request.path === '/api' || request.path === '/apis';
    const mediaType = negotiateDocument(request.headers['accept'], choosesItself);
    return objectResponse(200, this.#cached(key, build).value, mediaType);
  }

  #cached(key: string, build: () => unknown): { value: unknown; etag: string } {
    if (this.#generation !== this.#catalog.generation) {
      this.#cache.clear();
      this.#generation = this.#catalog.generation;
    }
    let entry = this.#cache.get(key);
    if (!entry) {
      const value = build();
      const hash = createHash('sha512').update(JSON.stringify(value)).digest('hex').toUpperCase();
      entry = { value, etag: `"${hash}"` };
      this.#cache.set(key, entry);
    }
    return entry;
  }
}

function wantsOnlyProtobuf({ headers }: ApiRequest): boolean {
  const accept = headers['accept'] ?? '';
  return accept.includes('protobuf') && !/json|\*\/\*/.test(accept);
}

const protobufType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
