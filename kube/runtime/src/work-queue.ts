import { Backoff } from './backoff.ts';

interface AddOptions {
  /** Somebody waits for this: it goes before what merely is due. */
  interactive?: boolean;
  /** Why; told to the run, merged while the key waits. */
  cause?: string;
}

export interface WorkItem {
  readonly key: string;
  readonly causes: readonly string[];
  /** Milliseconds between the add and the start. */
  readonly waitedMs: number;
}

export interface WorkQueueOptions {
  concurrency: number;
  process(item: WorkItem): Promise<void>;
  minRetryMs: number;
  maxRetryMs: number;
  /** A key was added while it is being processed. */
  onRequeued?: (key: string, cause: string) => void;
  observer?: WorkQueueObserver;
  /** Nothing starts before `resume`, so that all that is known at the start is queued once. */
  paused?: boolean;
  now?: () => number;
}

/** Hears what metrics count. */
export interface WorkQueueObserver {
  added(depth: number): void;
  started(waitedMs: number, depth: number): void;
  finished(workedMs: number): void;
  retried(): void;
}

interface Waiting {
  causes: Set<string>;
  interactive: boolean;
  addedAt: number;
}

/** Longest delay of one `setTimeout`; beyond it, Node fires at once. */
const maxTimerMs = 2 ** 31 - 1;

/**
 * Keys to process, as client-go's work queue: a key waits at most once, is never processed twice at the same time, and
 * comes again when it was added while being processed. One timer a key: the next start, whatever it is for, replaces it.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #now: () => number;
  /** Insertion order is processing order. */
  readonly #urgent = new Map<string, Waiting>();
  readonly #normal = new Map<string, Waiting>();
  readonly #processing = new Set<string>();
  /** Added while being processed. */
  readonly #dirty = new Map<string, Waiting>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #backoffs = new Map<string, Backoff>();
  #isShutDown = false;
  #isPaused: boolean;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#isPaused = options.paused ?? false;
    this.#now = options.now ?? (() => performance.now());
  }

  get depth(): number {
    return this.#urgent.size + this.#normal.size;
  }

  get active(): number {
    return this.#processing.size;
  }

  add(key: string, options: AddOptions = {}): void {
    if (this.#isShutDown) return;
    const cause = options.cause ?? '';
    if (this.#processing.has(key)) {
      merge(this.#dirty, key, options, this.#now());
      this.#options.onRequeued?.(key, cause);
      return;
    }
    const waiting = this.#urgent.get(key) ?? this.#normal.get(key);
    if (waiting) {
      waiting.causes.add(cause);
      if (options.interactive && this.#normal.delete(key)) this.#urgent.set(key, waiting);
    } else {
      merge(options.interactive ? this.#urgent : this.#normal, key, options, this.#now());
      this.#options.observer?.added(this.depth);
    }
    this.#start();
  }

  /** Replaces the timer of the key. */
  addAfter(key: string, ms: number, options: AddOptions = {}): void {
    this.cancelTimer(key);
    if (this.#isShutDown) return;
    if (ms <= 0) {
      this.add(key, options);
      return;
    }
    const step = Math.min(ms, maxTimerMs);
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      this.addAfter(key, ms - step, options);
    }, step);
    this.#timers.set(key, timer);
  }

  /** Adds the key after its exponential delay. */
  addRateLimited(key: string, options: AddOptions = {}): number {
    let backoff = this.#backoffs.get(key);
    if (!backoff) {
      backoff = new Backoff({ minMs: this.#options.minRetryMs, maxMs: this.#options.maxRetryMs });
      this.#backoffs.set(key, backoff);
    }
    const ms = backoff.next();
    this.#options.observer?.retried();
    this.addAfter(key, ms, options);
    return ms;
  }

  /** The next failure of the key starts again at the shortest delay. */
  forget(key: string): void {
    this.#backoffs.delete(key);
  }

  cancelTimer(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
  }

  resume(): void {
    this.#isPaused = false;
    this.#start();
  }

  /** Starts nothing more; resolves when what is under way has ended. */
  async shutDown(): Promise<void> {
    this.#isShutDown = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#urgent.clear();
    this.#normal.clear();
    this.#dirty.clear();
    if (this.#processing.size === 0) return;
    this.#idle ??= Promise.withResolvers();
    await this.#idle.promise;
  }

  #start(): void {
    while (!this.#isShutDown && !this.#isPaused && this.#processing.size < this.#options.concurrency) {
      const lane = this.#urgent.size > 0 ? this.#urgent : this.#normal;
      const next = lane.entries().next();
      if (next.done) return;
      const [key, waiting] = next.value;
      lane.delete(key);
      this.cancelTimer(key);
      this.#processing.add(key);
      void this.#run(key, waiting);
    }
  }

  async #run(key: string, waiting: Waiting): Promise<void> {
    const startedAt = this.#now();
    const waitedMs = startedAt - waiting.addedAt;
    this.#options.observer?.started(waitedMs, this.depth);
    try {
      await this.#options.process({ key, causes: [...waiting.causes].filter((cause) => cause !== ''), waitedMs });
    } finally {
      this.#options.observer?.finished(this.#now() - startedAt);
      this.#processing.delete(key);
      this.#requeueDirty(key);
      if (this.#processing.size === 0) this.#idle?.resolve();
      this.#start();
    }
  }

  #requeueDirty(key: string): void {
    const dirty = this.#dirty.get(key);
    if (!dirty) return;
    this.#dirty.delete(key);
    (dirty.interactive ? this.#urgent : this.#normal).set(key, dirty);
    this.#options.observer?.added(this.depth);
  }
}

function merge(lane: Map<string, Waiting>, key: string, options: AddOptions, now: number): void {
  const waiting = lane.get(key);
  if (waiting) {
    waiting.causes.add(options.cause ?? '');
    waiting.interactive ||= options.interactive ?? false;
  } else {
    lane.set(key, { causes: new Set([options.cause ?? '']), interactive: options.interactive ?? false, addedAt: now });
  }
}
