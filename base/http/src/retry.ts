import { setTimeout as sleep } from 'node:timers/promises';

export interface RetryPolicy {
  /** Tries after the first. */
  retries: number;
  minMs: number;
  maxMs: number;
}

/** What an attempt came to: a value, or a failure that may be tried again, after `afterMs` if the server asked for it. */
export type Attempt<T> = { value: T } | { retry: unknown; afterMs?: number };

export interface RetryOptions extends RetryPolicy {
  signal?: AbortSignal;
  wait?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** Tries with doubling delays between `minMs` and `maxMs`; gives back the last failure when the tries are used up. */
export async function withRetries<T>(
  attempt: () => Promise<Attempt<T>>,
  { retries, minMs, maxMs, signal, wait = waitFor }: RetryOptions,
): Promise<Attempt<T>> {
  for (let tried = 0; ; tried++) {
    const result = await attempt();
    if ('value' in result || tried >= retries) return result;
    await wait(Math.min(result.afterMs ?? minMs * 2 ** tried, maxMs), signal);
  }
}

async function waitFor(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
}
