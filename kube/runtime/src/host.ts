import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { WatchCache } from './watch-cache.ts';

/** An event with its object, as it leaves a run. */
export interface ObjectEvent {
  object: KubeObject;
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  metadata: Readonly<Record<string, string>>;
  /** Also to the events address. */
  forward: boolean;
  /** The controller that reports. */
  reporter: string;
  at: Date;
}

/** Where events go. */
export interface EventSink {
  emit(event: ObjectEvent): void;
  /** Resolves when all that was emitted has been delivered or given up. */
  drain(): Promise<void>;
}

/** What the process lends to all of its controllers. */
export interface ControllerHost {
  readonly cluster: Cluster;
  readonly watches: WatchCache;
  readonly log: Logger;
  readonly events: EventSink;
  readonly metrics: Metrics;
  /** Aborted when the process stops. */
  readonly signal: AbortSignal;
  /** Aborted when the grace period of a stopping process is over: closing patches and events must end. */
  readonly graceSignal: AbortSignal;
  /** Only this namespace (`--watch-all-namespaces=false`). */
  readonly namespace?: string;
  /** Only objects with these labels: sharding (`--watch-label-selector`). */
  readonly labelSelector?: string;
  /** `--interval-jitter-percentage`. */
  readonly jitterPercent: number;
  /** `--min-retry-delay`. */
  readonly minRetryMs: number;
  /** `--max-retry-delay`. */
  readonly maxRetryMs: number;
  now(): Date;
}

/** A controller at work. */
export interface RunningController {
  readonly name: string;
  /** Takes no new work, waits for what is under way. */
  stop(): Promise<void>;
}
