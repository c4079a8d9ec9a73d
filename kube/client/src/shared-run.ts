/** Work that several callers wait for: it runs once at a time, and is aborted when nobody waits any more. */
export class SharedRun<T> {
  readonly #work: (signal: AbortSignal) => Promise<T>;
  #current: { promise: Promise<T>; abort: AbortController; waiting: number } | undefined;

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#work = work;
  }

  /** Joins the run under way, or starts one. An aborted signal ends this wait at once. */
  async join(signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const run = this.#current ?? this.#start();
    this.#current = run;
    run.waiting += 1;
    const aborted = Promise.withResolvers<never>();
    const leave = () => aborted.reject(signal?.reason);
    signal?.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([run.promise, aborted.promise]);
    } finally {
      signal?.removeEventListener('abort', leave);
      run.waiting -= 1;
      if (run.waiting === 0 && this.#current === run) {
        this.#current = undefined;
        run.abort.abort(signal?.reason);
      }
    }
  }

  #start() {
    const abort = new AbortController();
    const promise = this.#work(abort.signal);
    const run = { promise, abort, waiting: 0 };
    const end = () => {
      if (this.#current === run) this.#current = undefined;
    };
    promise.then(end, end);
    return run;
  }
}
