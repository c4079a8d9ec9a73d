import type { GroupVersionKind, KubeObject, ObjectRef } from '@flux/apimachinery';

export interface ReleaseWriteOptions {
  fieldManager?: string;
  dryRun?: boolean;
  fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
  signal?: AbortSignal;
}

export type DeletionPropagation = 'Background' | 'Foreground' | 'Orphan';

/** Where a kind is served. */
export interface ReleaseMapping extends GroupVersionKind {
  namespaced: boolean;
}

/**
 * What a release does to a cluster: the part of `Cluster` of kube/client that it needs, so that any client with these
 * methods will do. Answers of 4xx and 5xx are thrown as `StatusError`; a kind that is not served as an error with the code
 * `NO_KIND_MATCH`.
 */
export interface ReleaseCluster {
  get(ref: ObjectRef, options?: { signal?: AbortSignal }): Promise<KubeObject>;
  /** Like `get`; a missing object is `undefined`. */
  find(ref: ObjectRef, options?: { signal?: AbortSignal }): Promise<KubeObject | undefined>;
  list(
    kind: { apiVersion: string; kind: string },
    options?: { namespace?: string; labelSelector?: string; fieldSelector?: string; signal?: AbortSignal },
  ): Promise<{ items: KubeObject[] }>;
  create(object: KubeObject, options?: ReleaseWriteOptions): Promise<KubeObject>;
  update(object: KubeObject, options?: ReleaseWriteOptions): Promise<KubeObject>;
  patch(
    ref: ObjectRef,
    type: 'json' | 'merge' | 'strategic',
    patch: unknown,
    options?: ReleaseWriteOptions,
  ): Promise<KubeObject>;
  apply(
    object: KubeObject,
    options: ReleaseWriteOptions & { fieldManager: string; force?: boolean },
  ): Promise<KubeObject>;
  delete(ref: ObjectRef, options?: { propagationPolicy?: DeletionPropagation; signal?: AbortSignal }): Promise<unknown>;
  mapping(kind: { apiVersion: string; kind: string }): Promise<ReleaseMapping>;
  mappings(): Promise<readonly ReleaseMapping[]>;
  /** Drops the discovery cache (after CRDs changed). */
  invalidate(): void;
}
