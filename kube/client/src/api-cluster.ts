import { deepCopy } from '@flux/apimachinery/deep';
import { formatApiVersion, type KubeObject, type ObjectRef, refOf } from '@flux/apimachinery/object';
import { isNotFound } from '@flux/apimachinery/status-error';
import type {
  ApplyOptions,
  Cluster,
  DeleteOptions,
  ImpersonatedUser,
  KubeList,
  ListOptions,
  PatchType,
  ResourceMapping,
  Transport,
  TransportRequest,
  TransportResponse,
  WatchEvent,
  WriteOptions,
} from './cluster.ts';
import { discover, discoverVersion, type KnownDiscovery } from './discovery.ts';
import {
  deleteBody,
  formHeaders,
  impersonationHeaders,
  listQuery,
  patchContentTypes,
  warningTexts,
  watchQuery,
  writeQuery,
} from './request-options.ts';
import { ResourceMap } from './resource-map.ts';
import { resourcePath } from './resource-path.ts';
import { responseError } from './response-error.ts';

type Headers = Readonly<Record<string, string | readonly string[]>>;

interface Shared {
  transport: Transport;
  host: string;
  resources: ResourceMap;
  /** Whether bodies from the transport are ours to give away; otherwise they are copied. */
  ownsBodies: boolean;
}

export interface ClusterOptions {
  /** True saves a copy: the transport makes a new value for each answer. */
  ownsBodies?: boolean;
  /** True for a command that looks at a kind or two: only their versions are discovered. */
  discoversByVersion?: boolean;
}

/** A `Cluster` over any transport. */
export function clusterOver(transport: Transport, host: string, options: ClusterOptions = {}): Cluster {
  const known: KnownDiscovery = { parts: new Map() };
  const resources = new ResourceMap({
    all: () => discover(transport, { known }),
    version: (apiVersion) => discoverVersion(transport, apiVersion),
    startsByVersion: options.discoversByVersion ?? false,
  });
  return new ApiCluster({ transport, host, resources, ownsBodies: options.ownsBodies ?? false }, {});
}

class ApiCluster implements Cluster {
  readonly #shared: Shared;
  readonly #headers: Headers;

  constructor(shared: Shared, headers: Headers) {
    this.#shared = shared;
    this.#headers = headers;
  }

  get host(): string {
    return this.#shared.host;
  }

  async get<T extends KubeObject = KubeObject>(ref: ObjectRef, options: { signal?: AbortSignal } = {}): Promise<T> {
    return this.#object<T>({ method: 'GET', path: await this.#path(ref), ...options });
  }

  async find<T extends KubeObject = KubeObject>(
    ref: ObjectRef,
    options: { signal?: AbortSignal } = {},
  ): Promise<T | undefined> {
    try {
      return await this.get<T>(ref, options);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async list<T extends KubeObject = KubeObject>(
    kind: { apiVersion: string; kind: string },
    options: ListOptions = {},
  ): Promise<KubeList<T>> {
    const mapping = await this.mapping(kind);
    const path = resourcePath({ mapping, namespace: options.namespace });
    const headers = formHeaders('PartialObjectMetadataList', options);
    const body = await this.#send({ method: 'GET', path, headers, query: listQuery(options), ...signalOf(options) });
    return completeList<T>(body as RawList<T>, mapping);
  }

  async *watch(
    kind: { apiVersion: string; kind: string },
    options: ListOptions & { allowWatchBookmarks?: boolean; timeoutSeconds?: number } = {},
  ): AsyncGenerator<WatchEvent, void, undefined> {
    const mapping = await this.mapping(kind);
    const path = resourcePath({ mapping, namespace: options.namespace });
    const headers = formHeaders('PartialObjectMetadata', options);
    const request = this.#prepare({ method: 'GET', path, headers, query: watchQuery(options), ...signalOf(options) });
    for await (const value of this.#shared.transport.stream(request)) {
      const event = (this.#shared.ownsBodies ? value : deepCopy(value)) as WatchEvent;
      if (event.type !== 'ERROR') Object.assign(event.object, identityOf(event.object, mapping));
      yield event;
    }
  }

  async create<T extends KubeObject>(object: T, options: WriteOptions = {}): Promise<T> {
    const mapping = await this.mapping(object);
    const { namespace, name } = object.metadata;
    const target =
      options.subresource === undefined ? { namespace } : { namespace, name, subresource: options.subresource };
    return this.#write<T>({ method: 'POST', path: resourcePath({ mapping, ...target }), body: object }, options);
  }

  async update<T extends KubeObject>(object: T, options: WriteOptions = {}): Promise<T> {
    const path = await this.#path(refOf(object), options.subresource);
    return this.#write<T>({ method: 'PUT', path, body: object }, options);
  }

  async patch<T extends KubeObject = KubeObject>(
    ref: ObjectRef,
    type: PatchType,
    patch: unknown,
    options: WriteOptions = {},
  ): Promise<T> {
    const path = await this.#path(ref, options.subresource);
    const headers = { 'content-type': patchContentTypes[type] };
    return this.#write<T>({ method: 'PATCH', path, body: patch, headers }, options);
  }

  async apply<T extends KubeObject>(object: T, options: ApplyOptions): Promise<T> {
    const path = await this.#path(refOf(object), options.subresource);
    const headers = { 'content-type': patchContentTypes.apply };
    const query = options.force === undefined ? {} : { force: String(options.force) };
    return this.#write<T>({ method: 'PATCH', path, body: object, headers, query }, options);
  }

  async delete(ref: ObjectRef, options: DeleteOptions = {}): Promise<unknown> {
    const path = await this.#path(ref);
    return this.#send({ method: 'DELETE', path, body: deleteBody(options), ...signalOf(options) });
  }

  mapping(kind: { apiVersion: string; kind: string }): Promise<ResourceMapping> {
    return this.#shared.resources.get(kind);
  }

  mappings(): Promise<readonly ResourceMapping[]> {
    return this.#shared.resources.all();
  }

  invalidate(): void {
    this.#shared.resources.invalidate();
  }

  impersonate(user: ImpersonatedUser): Cluster {
    return new ApiCluster(this.#shared, { ...this.#headers, ...impersonationHeaders(user) });
  }

  raw(request: TransportRequest): Promise<TransportResponse> {
    return this.#shared.transport.send(this.#prepare(request));
  }

  close(): Promise<void> {
    return this.#shared.transport.close();
  }

  async #path(ref: ObjectRef, subresource?: string): Promise<string> {
    const mapping = await this.mapping(ref);
    return resourcePath({ mapping, namespace: ref.namespace, name: ref.name, subresource });
  }

  #write<T extends KubeObject>(request: TransportRequest, options: WriteOptions): Promise<T> {
    const query = { ...request.query, ...writeQuery(options) };
    return this.#object<T>({ ...request, query, ...signalOf(options) }, options.onWarning);
  }

  async #object<T extends KubeObject>(request: TransportRequest, onWarning?: (text: string) => void): Promise<T> {
    return (await this.#send(request, onWarning)) as T;
  }

  async #send(request: TransportRequest, onWarning?: (text: string) => void): Promise<unknown> {
    const prepared = this.#prepare(request);
    const response = await this.#shared.transport.send(prepared);
    if (onWarning) for (const text of warningTexts(response)) onWarning(text);
    if (response.status >= 400) throw responseError(response, prepared);
    return this.#shared.ownsBodies ? response.body : deepCopy(response.body);
  }

  #prepare(request: TransportRequest): TransportRequest {
    return { ...request, headers: { ...this.#headers, ...request.headers } };
  }
}

interface RawList<T> {
  metadata?: Partial<KubeList['metadata']>;
  items?: T[] | null;
}

function completeList<T extends KubeObject>(body: RawList<T>, mapping: ResourceMapping): KubeList<T> {
  const items = (body.items ?? []).map((item) => {
    const identity = identityOf(item, mapping);
    return identity ? { ...identity, ...item, ...identity } : item;
  });
  return { metadata: { resourceVersion: '', ...body.metadata }, items };
}

/** Items of lists of built-in kinds come without apiVersion and kind, and metadata alone under a kind of its own. */
function identityOf(item: KubeObject, mapping: ResourceMapping): { apiVersion: string; kind: string } | undefined {
  if (item.kind && item.kind !== 'PartialObjectMetadata') return undefined;
  return { apiVersion: formatApiVersion(mapping.group, mapping.version), kind: mapping.kind };
}

function signalOf(options: { signal?: AbortSignal }): { signal?: AbortSignal } {
  return options.signal ? { signal: options.signal } : {};
}
