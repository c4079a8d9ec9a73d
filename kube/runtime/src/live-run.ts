import { formatSubject, type KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { messageOf } from '@flux/errors';
import { type ConditionSet, conditionsOf, readyCondition } from './conditions.ts';
import type { Frame } from './frame.ts';
import type { ObjectEvent } from './host.ts';
import type { Logger } from './log.ts';
import type { ProgressOptions, Run, RunEvent, Trigger } from './run.ts';
import type { WatchCache } from './watch-cache.ts';

const eventAnnotationPrefix = 'event.toolkit.fluxcd.io/';

export interface LiveRunOptions<T extends KubeObject, Deps> {
  object: T;
  deps: Deps;
  frame: Frame;
  reporter: string;
  cluster: Cluster;
  watches: WatchCache;
  signal: AbortSignal;
  superseded: AbortSignal;
  triggers: readonly Trigger[];
  reconcileId: string;
  log: Logger;
  now?: () => Date;
  /** Writes the status. */
  persist(object: T): Promise<void>;
  emit(event: ObjectEvent): void;
}

/** A run, with what its owner does at the end. */
export interface OwnedRun<T extends KubeObject, Deps> extends Run<T, Deps> {
  /** Resolves when nothing is being written, and nothing will be by itself. */
  settled(): Promise<void>;
}

/** A step that takes longer than this is shown on the object. */
const shownAfterMs = 2_000;

/** A run whose writes and events go where the caller says: the cluster in a controller, plain functions in a test. */
export function createRun<T extends KubeObject, Deps>(options: LiveRunOptions<T, Deps>): OwnedRun<T, Deps> {
  return new LiveRun(options);
}

class LiveRun<T extends KubeObject, Deps> implements OwnedRun<T, Deps> {
  readonly object: T;
  readonly deps: Deps;
  readonly cluster: Cluster;
  readonly watches: WatchCache;
  readonly signal: AbortSignal;
  readonly superseded: AbortSignal;
  readonly triggers: readonly Trigger[];
  readonly reconcileId: string;
  readonly log: Logger;
  readonly conditions: ConditionSet;
  readonly eventMetadata: Record<string, string> = {};
  readonly startedAt: Date;
  readonly now: () => Date;
  readonly #options: LiveRunOptions<T, Deps>;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: LiveRunOptions<T, Deps>) {
    this.#options = options;
    this.object = options.object;
    this.deps = options.deps;
    this.cluster = options.cluster;
    this.watches = options.watches;
    this.signal = options.signal;
    this.superseded = options.superseded;
    this.triggers = options.triggers;
    this.reconcileId = options.reconcileId;
    this.log = options.log;
    this.now = options.now ?? (() => new Date());
    this.startedAt = this.now();
    this.conditions = conditionsOf(options.object, this.now);
  }

  async progress(message: string, options: ProgressOptions = {}): Promise<void> {
    this.log.debug(message);
    if (!this.#options.frame.progress(this, message, options)) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#show(), shownAfterMs);
  }

  succeed(reason: string, message: string): void {
    this.#options.frame.succeed(this, reason, message);
  }

  event(event: RunEvent): void {
    this.log.debug(event.message, { event: event.type, ...(event.reason ? { reason: event.reason } : {}) });
    const severity = event.type === 'Warning' ? 'error' : 'info';
    this.#options.emit({
      object: this.object,
      type: event.type,
      reason: event.reason ?? this.conditions.get(readyCondition)?.reason ?? severity,
      message: event.message,
      metadata: {
        ...(event.replaceMetadata ? {} : this.eventMetadata),
        ...event.metadata,
        ...eventAnnotations(this.object),
      },
      forward: event.forward ?? true,
      reporter: this.#options.reporter,
      at: this.now(),
    });
  }

  async patch(): Promise<void> {
    await this.settled();
    await this.#options.persist(this.object);
  }

  settled(): Promise<void> {
    clearTimeout(this.#timer);
    return this.#writing;
  }

  #show(): void {
    this.#writing = this.#options.persist(this.object).catch((error: unknown) => {
      this.log.debug('unable to show progress', { error: messageOf(error) });
    });
  }

  toString(): string {
    return formatSubject(this.object);
  }
}

function eventAnnotations(object: KubeObject): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [key, value] of Object.entries(object.metadata.annotations ?? {})) {
    if (key.startsWith(eventAnnotationPrefix)) found[key] = value;
  }
  return found;
}
