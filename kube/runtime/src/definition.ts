import type { KubeObject } from '@flux/apimachinery';
import type { Action } from './action.ts';
import type { Frame, Outcome } from './frame.ts';
import type { Retry } from './reconcile-error.ts';
import type { Run } from './run.ts';
import type { Change, Indexer, KindRef, ObjectView } from './watch-cache.ts';

/** Another kind whose changes queue objects of the controller's own kind. */
export interface Watch<T extends KubeObject> {
  readonly kind: KindRef;
  /** Only objects with these labels, such as `reconcile.fluxcd.io/watch=Enabled` (KUS-CTRL-05). */
  readonly labelSelector?: string;
  /** Changes carry apiVersion, kind and metadata only: for kinds whose content is large or secret. */
  readonly metadataOnly?: boolean;
  /** False leaves out the objects that exist when the controller starts. Default true (KUS-FLOW-11). */
  readonly replay?: boolean;
  /**
   * Keys (`namespace/name`) to queue, in this order, for a change. `own` holds the controller's objects with its indexes.
   * An error is logged and drops the batch.
   */
  mapToKeys(change: Change, own: ObjectView<T>): readonly string[];
}

/** Everything that makes one controller different from another; the runtime does the rest, once. */
export interface ControllerDefinition<T extends KubeObject, Deps> {
  /** Reporter of events and name in metrics and logs: `kustomize-controller`. */
  readonly name: string;
  readonly kind: KindRef;
  readonly frame: Frame;
  /** Field manager of status and finalizer patches: `gotk-kustomize-controller`, `source-controller`. */
  readonly fieldManager: string;
  /** Default `finalizers.fluxcd.io`; false for kinds without one. */
  readonly finalizer?: string | false;
  /** Objects reconciled at the same time (`--concurrent`). */
  readonly concurrency: number;
  readonly deps: Deps;
  readonly indexes?: Readonly<Record<string, Indexer<T>>>;
  readonly watches?: readonly Watch<T>[];
  /** A change besides generation and `requestedAt` that starts a run. */
  isTrigger?(before: T, after: T): boolean;
  /** True: a newer request aborts `run.signal`. Default: only `run.superseded` is aborted. */
  readonly supersede?: boolean;
  /**
   * True for objects that only hold data, such as a HelmRepository of a registry: they get no finalizer and no status. What an
   * earlier spec left of both is removed, through `cleanup`, unless the object is suspended (SRC-HREPO-03).
   */
  isStatic?(object: T): boolean;
  /** One pass over a live, unsuspended object. */
  reconcile(run: Run<T, Deps>): Promise<Action>;
  /**
   * Before the finalizer is removed. An error that is no `ReconcileError` is retried with back-off and changes no condition.
   * An Action other than `awaitChange` keeps the finalizer and comes back.
   */
  cleanup?(run: Run<T, Deps>): Promise<Action | undefined>;
  /** Milliseconds of `spec.interval`. */
  interval(object: T): number;
  /** What a `ReconcileError` without `retry` and an unexpected error do. Default `backoff`. */
  defaultRetry?(object: T): Retry;
  /** Reason of unexpected errors (not a `ReconcileError`). Unset: such an error leaves the conditions alone (SRC-CTL-11). */
  readonly unexpectedReason?: string;
  /** Before the closing patch, for what depends on the result: history entries. */
  settle?(run: Run<T, Deps>, outcome: Outcome): void;
  /** After the closing patch, not for suspended objects: success events and notifications. */
  finished?(run: Run<T, Deps>, outcome: Outcome): void;
}
