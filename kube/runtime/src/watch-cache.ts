import type { KubeObject, ObjectRef } from '@flux/apimachinery';

export interface KindRef {
  readonly apiVersion: string;
  readonly kind: string;
}

/** What a watch reported about one object. `before` is absent on creation, `after` on deletion. */
export interface Change<T extends KubeObject = KubeObject> {
  readonly type: 'added' | 'updated' | 'deleted';
  readonly before?: T;
  readonly after?: T;
  /** The newest known state: `after`, else `before`. */
  readonly object: T;
  /** True while the first list is delivered, and for objects found again by a relist. */
  readonly initial: boolean;
}

export interface WatchSelection {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Keeps apiVersion, kind and metadata only, for kinds whose content is large or secret. */
  readonly metadataOnly?: boolean;
}

export type Indexer<T extends KubeObject> = (object: T) => readonly string[];

/** The objects of one kind as one shared list+watch knows them. Objects are shared: read only. */
export interface ObjectView<T extends KubeObject = KubeObject> extends Disposable {
  /** By `namespace/name`, or `name` for cluster-scoped kinds. */
  get(key: string): T | undefined;
  list(): readonly T[];
  /** Objects for which the index function returned this value. */
  byIndex(index: string, value: string): readonly T[];
  addIndex(index: string, indexer: Indexer<T>): void;
  /** Every change from now on; with `replay`, first the present objects as `added`. Errors of a listener are logged. */
  subscribe(listener: (change: Change<T>) => void, options?: { replay?: boolean }): Disposable;
  /** Whether the first list is in. */
  readonly isSynced: boolean;
  /** Resolves when the first list is in; rejects when the signal aborts first. */
  synced(signal?: AbortSignal): Promise<void>;
  /** Takes the answer to an own write in before the watch delivers it, so that the next read is not behind it. */
  acknowledge(object: T): void;
}

/** Shared watches of a process: one list+watch per kind and selection, whoever asks for it. */
export interface WatchCache {
  /** Opens the view, or joins it. Dispose it to leave; the watch closes some time after the last user left. */
  view<T extends KubeObject = KubeObject>(kind: KindRef, selection?: WatchSelection): ObjectView<T>;
  /**
   * The state of an object as an open watch of its whole kind has it, at the cost of no request; undefined when there is no
   * such watch, or not yet.
   */
  peek<T extends KubeObject = KubeObject>(ref: ObjectRef): { readonly object: T | undefined } | undefined;
  /**
   * Tells the state of one object now (once it is known) and after every change; `undefined` means it does not exist, or,
   * with `error`, that it cannot be read just now. Structurally the `ObjectWatch` that `kube/ssa` asks for. With
   * `mayLag`, a state as `peek` gives it will do at first, and the object is not read.
   */
  observe(
    ref: ObjectRef,
    listener: (object: KubeObject | undefined, error?: Error) => void,
    options?: { mayLag?: boolean },
  ): Disposable;
  /** Resolves with the object's state as soon as the predicate holds for it; rejects when the signal aborts. */
  waitFor(
    ref: ObjectRef,
    predicate: (object: KubeObject | undefined) => boolean,
    signal: AbortSignal,
  ): Promise<KubeObject | undefined>;
  /** Ends all watches. */
  close(): Promise<void>;
}

/** `namespace/name`, or `name` without a namespace: how queues and views name an object. */
export function keyOf(object: { metadata: { name: string; namespace?: string } }): string {
  const { name, namespace } = object.metadata;
  return namespace ? `${namespace}/${name}` : name;
}
