import { StorageWriteError } from '../errors.ts';
import type { Bucket, EventListener } from '../storage/bucket.ts';
import type { StoredEvent } from '../storage/event-ring.ts';

const diskRetryMs = 5000;

export type Log = (message: string, error?: unknown) => void;

/**
 * A control loop inside the server: events put keys on a queue, each key is reconciled once, later. Reconciling is
 * synchronous, so what it reads does not change under it. A failure is logged and tried again at the next event; one of the
 * disk, which no event ends, after a while.
 */
export class Loop {
  readonly #name: string;
  readonly #log: Log;
  readonly #reconcile: (key: string) => void;
  readonly #queue = new Set<string>();
  readonly #unsubscribe: (() => void)[] = [];
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #scheduled: NodeJS.Immediate | undefined;

  constructor(name: string, log: Log, reconcile: (key: string) => void) {
    this.#name = name;
    this.#log = log;
    this.#reconcile = reconcile;
  }

  /** Maps events of a bucket to keys; objects that are there already count as added. */
  watch(bucket: Bucket, keysOf: (event: StoredEvent) => Iterable<string>): void {
    const listener: EventListener = (events) => {
      for (const event of events) for (const key of keysOf(event)) this.add(key);
    };
    bucket.listeners.add(listener);
    this.#unsubscribe.push(() => bucket.listeners.delete(listener));
    for (const object of bucket.values()) {
      for (const key of keysOf({ type: 'ADDED', revision: 0, object })) this.add(key);
    }
  }

  add(key: string): void {
    this.#queue.add(key);
    this.#scheduled ??= setImmediate(() => this.#run());
  }

  /** Reconciles the key again after a while; a later call for the same key replaces the time. */
  addAfter(key: string, afterMs: number): void {
    clearTimeout(this.#timers.get(key));
    const timer = setTimeout(
      () => {
        this.#timers.delete(key);
        this.add(key);
      },
      Math.max(0, afterMs),
    );
    timer.unref();
    this.#timers.set(key, timer);
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    if (this.#scheduled) clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    this.#queue.clear();
  }

  #run(): void {
    this.#scheduled = undefined;
    const keys = [...this.#queue];
    this.#queue.clear();
    for (const key of keys) {
      try {
        this.#reconcile(key);
      } catch (error) {
        this.#log(`${this.#name}: reconciling ${key} failed`, error);
        if (error instanceof StorageWriteError) this.addAfter(key, diskRetryMs);
      }
    }
  }
}
