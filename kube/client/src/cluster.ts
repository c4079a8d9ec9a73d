import type { GroupVersionKind, KubeObject, ObjectRef } from '@flux/apimachinery';

/** One exchange with an API server, before encoding: bodies are JSON values. */
export interface TransportRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute path such as `/api/v1/namespaces/default/configmaps`. */
  path: string;
  query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** A list is sent as repeated headers (`Impersonate-Group`). */
  headers?: Readonly<Record<string, string | readonly string[]>>;
  /** A JSON value, or bytes or text already in the encoding that `content-type` names; the receiver must not change it. */
  body?: unknown;
  signal?: AbortSignal;
}

export interface TransportResponse {
  status: number;
  /** Lower-case names. `warning` may hold several values. */
  headers: Readonly<Record<string, string | readonly string[]>>;
  /** A JSON value, or text when the server sent something else; the receiver must not change it. */
  body: unknown;
}

/** Carries requests to an API server: over HTTPS (`httpTransport`), or by a direct call into the embedded one. */
export interface Transport {
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Opens a stream of JSON values (a watch); ends when the server or the signal ends it. */
  stream(request: TransportRequest): AsyncIterable<unknown>;
  close(): Promise<void>;
}

export type WatchEvent =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: KubeObject }
  | { type: 'ERROR'; object: unknown };

export interface ListOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  limit?: number;
  continue?: string;
  resourceVersion?: string;
  /** `Exact`: the state at `resourceVersion` and no later one; 410 when it is forgotten. */
  resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  /** Only apiVersion, kind and metadata are asked for; the rest is not sent. */
  metadataOnly?: boolean;
  signal?: AbortSignal;
}

export interface KubeList<T extends KubeObject = KubeObject> {
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
  items: T[];
}

export interface WriteOptions {
  fieldManager?: string;
  dryRun?: boolean;
  /** `status`, `scale`… */
  subresource?: string;
  fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
  /** Receives each Warning header of the answer. */
  onWarning?: (text: string) => void;
  signal?: AbortSignal;
}

export interface ApplyOptions extends WriteOptions {
  fieldManager: string;
  /** Take ownership of fields that other managers hold. */
  force?: boolean;
}

export interface DeleteOptions {
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  gracePeriodSeconds?: number;
  uid?: string;
  resourceVersion?: string;
  dryRun?: boolean;
  signal?: AbortSignal;
}

export type PatchType = 'json' | 'merge' | 'strategic';

/** Where a kind is served: the answer of discovery. */
export interface ResourceMapping extends GroupVersionKind {
  /** Plural, as in the path. */
  resource: string;
  namespaced: boolean;
  shortNames: readonly string[];
  singular: string;
  categories: readonly string[];
  verbs: readonly string[];
}

/** Who to act as: the caller needs the right to impersonate each part. */
export interface ImpersonatedUser {
  name: string;
  groups?: readonly string[];
  uid?: string;
  extra?: Readonly<Record<string, readonly string[]>>;
}

/**
 * Everything that controllers, the CLI and the tests do to a Kubernetes cluster. One implementation over two transports.
 * Answers of 4xx and 5xx are thrown as `StatusError`. Objects that come back belong to the caller.
 */
export interface Cluster {
  /** Base URL of the API server as shown to users. */
  readonly host: string;
  get<T extends KubeObject = KubeObject>(ref: ObjectRef, options?: { signal?: AbortSignal }): Promise<T>;
  /** Like `get`; a missing object is `undefined`. */
  find<T extends KubeObject = KubeObject>(ref: ObjectRef, options?: { signal?: AbortSignal }): Promise<T | undefined>;
  list<T extends KubeObject = KubeObject>(
    kind: { apiVersion: string; kind: string },
    options?: ListOptions,
  ): Promise<KubeList<T>>;
  /** One watch connection, without resume; `kube/runtime` keeps shared watches alive on top of it. */
  watch(
    kind: { apiVersion: string; kind: string },
    options?: ListOptions & { allowWatchBookmarks?: boolean; timeoutSeconds?: number },
  ): AsyncIterable<WatchEvent>;
  create<T extends KubeObject>(object: T, options?: WriteOptions): Promise<T>;
  /** PUT; honours `metadata.resourceVersion`. */
  update<T extends KubeObject>(object: T, options?: WriteOptions): Promise<T>;
  patch<T extends KubeObject = KubeObject>(
    ref: ObjectRef,
    type: PatchType,
    patch: unknown,
    options?: WriteOptions,
  ): Promise<T>;
  /** Server-side apply. */
  apply<T extends KubeObject>(object: T, options: ApplyOptions): Promise<T>;
  /** Resolves to the object or Status that the server answered. NotFound is thrown. */
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<unknown>;
  /**
   * REST mapping of a kind, from cached discovery; an unknown kind refreshes the cache once before it throws
   * `no matches for kind "X" in version "g/v"`.
   */
  mapping(kind: { apiVersion: string; kind: string }): Promise<ResourceMapping>;
  /** All mappings of all groups, preferred versions first. */
  mappings(): Promise<readonly ResourceMapping[]>;
  /** Drops the discovery cache (after CRDs changed). */
  invalidate(): void;
  /** The same cluster, acting as another user; shares connections and discovery. */
  impersonate(user: ImpersonatedUser): Cluster;
  /** For endpoints that are not objects: `/version`, `/readyz`, logs. */
  raw(request: TransportRequest): Promise<TransportResponse>;
  close(): Promise<void>;
}
