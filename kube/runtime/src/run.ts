import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { FluxError } from '@flux/errors';
import type { ConditionSet } from './conditions.ts';
import type { Logger } from './log.ts';
import type { WatchCache } from './watch-cache.ts';

/** An event about the object of a run. */
export interface RunEvent {
  type: 'Normal' | 'Warning';
  /** Unset means the reason of the Ready condition, else `info` or `error` (KUS-EVT-01). */
  reason?: string;
  message: string;
  /** Added to the metadata of the run; the object's `event.toolkit.fluxcd.io/` annotations win over both. */
  metadata?: Readonly<Record<string, string>>;
  /** True: the metadata of the run is left out. */
  replaceMetadata?: boolean;
  /** False keeps it a Kubernetes Event: it is not sent to the events address (a trace). */
  forward?: boolean;
}

export interface ProgressOptions {
  /** Also resets a Ready condition that is True or False to Unknown (SRC-CTL-06 "drift"). The ready frame always does. */
  drift?: boolean;
  /** False only sets the conditions; the next patch writes them. Else they are written when the step takes a while. */
  patch?: boolean;
}

/** Why a run was started; several causes may have been merged into one run. */
export interface Trigger {
  readonly cause:
    | 'start'
    | 'created'
    | 'generation'
    | 'requestedAt'
    | 'changed'
    | 'watch'
    | 'interval'
    | 'retry'
    | 'finalizer';
  /** `Kind/namespace/name` of the object that changed; the controller's own unless the cause is `watch`. */
  readonly subject: string;
}

/** Reason of `run.superseded`: what asks for the newer run. */
export class Superseded extends FluxError {
  override readonly code = 'SUPERSEDED';
  readonly trigger: Trigger;

  constructor(trigger: Trigger) {
    super(`New reconciliation triggered by ${trigger.subject}`);
    this.trigger = trigger;
  }
}

/** One pass over one object: what a reconcile function and its steps may see and do. */
export interface Run<T extends KubeObject, Deps = unknown> {
  /** Private to the run. Steps write `object.status`; the runtime patches what changed, also after a failure. */
  readonly object: T;
  readonly deps: Deps;
  readonly cluster: Cluster;
  readonly watches: WatchCache;
  /** Aborted when the process stops, and on a newer request if the controller has `supersede`. Give it to every wait. */
  readonly signal: AbortSignal;
  /** Aborted with a `Superseded` reason when a newer request for this object is queued. */
  readonly superseded: AbortSignal;
  readonly triggers: readonly Trigger[];
  readonly reconcileId: string;
  readonly log: Logger;
  readonly conditions: ConditionSet;
  /** Metadata of all events of the run from now on, such as the revision. */
  readonly eventMetadata: Record<string, string>;
  /** When the run started; durations in messages count from here. */
  readonly startedAt: Date;
  now(): Date;
  /**
   * Reconciling=True/Progressing with this message. It is written when two seconds pass before the next patch: most steps are
   * over before anybody could have read of them, and each write costs as much as applying an object.
   */
  progress(message: string, options?: ProgressOptions): Promise<void>;
  /** Ready=True; with the summary frame the closing pass derives Ready from the other conditions instead. */
  succeed(reason: string, message: string): void;
  event(event: RunEvent): void;
  /** Writes the status as it is now, for instance an inventory before a long wait. */
  patch(): Promise<void>;
}
