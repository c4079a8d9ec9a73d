/** Exponential delays: `minMs`, twice that, … up to `maxMs`, each spread by up to `jitter` of itself. */
export class Backoff {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #jitter: number;
  #failures = 0;

  constructor(options: { minMs: number; maxMs: number; jitter?: number }) {
    this.#minMs = options.minMs;
    this.#maxMs = options.maxMs;
    this.#jitter = options.jitter ?? 0;
  }

  next(): number {
    const ms = Math.min(this.#maxMs, this.#minMs * 2 ** Math.min(this.#failures, 40));
    this.#failures += 1;
    return ms * (1 + Math.random() * this.#jitter);
  }

  reset(): void {
    this.#failures = 0;
  }

  get failures(): number {
    return this.#failures;
  }
}

/** Resolves after `ms`, or at once when the signal aborts; never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener('abort', finish);
  });
}
