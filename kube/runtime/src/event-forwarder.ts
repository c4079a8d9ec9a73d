import { formatTime } from '@flux/gotypes';
import { pause } from './backoff.ts';
import { involvedObject, reportingInstance } from './event-recorder.ts';
import type { ObjectEvent } from './host.ts';
import type { Logger } from './log.ts';

interface EventForwarderOptions {
  /** `--events-addr`. */
  address: string;
  log: Logger;
  signal: AbortSignal;
  /** Retries after the first try. Default 4. */
  retries?: number;
  /** Delay before the first retry, doubled up to 30 s. Default 1 s. */
  minRetryMs?: number;
  timeoutMs?: number;
}

const maxRetryMs = 30_000;

/** Posts events to the notification controller (SRC-EVT-02, KUS-EVT-03). */
export class EventForwarder {
  readonly #options: Required<EventForwarderOptions>;

  constructor(options: EventForwarderOptions) {
    this.#options = { retries: 4, minRetryMs: 1000, timeoutMs: 5000, ...options };
  }

  /** Never throws. A 429 means that the receiver knows the event already. */
  async forward(event: ObjectEvent): Promise<void> {
    const { retries, minRetryMs, log, signal } = this.#options;
    const body = JSON.stringify(formatForwardedEvent(event));
    let failure: unknown;
    for (let attempt = 0; attempt <= retries && !signal.aborted; attempt++) {
      if (attempt > 0) await pause(Math.min(maxRetryMs, minRetryMs * 2 ** (attempt - 1)), signal);
      const result = await this.#post(body);
      if (result === 'delivered') return;
      failure = result.failure;
      if (result.isFinal) break;
    }
    log.error(failure, 'unable to send event', { reason: event.reason });
  }

  async #post(body: string): Promise<'delivered' | { failure: unknown; isFinal: boolean }> {
    try {
      const response = await fetch(this.#options.address, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(this.#options.timeoutMs),
      });
      await response.body?.cancel();
      if (response.status < 400 || response.status === 429) return 'delivered';
      const failure = new Error(`the events address answered ${response.status} ${response.statusText}`);
      return { failure, isFinal: response.status < 500 };
    } catch (failure) {
      return { failure, isFinal: false };
    }
  }
}

/** The body of a forwarded event; `metadata` is left out when empty. */
export function formatForwardedEvent(event: ObjectEvent): Record<string, unknown> {
  return {
    involvedObject: involvedObject(event.object),
    severity: event.type === 'Warning' ? 'error' : 'info',
    timestamp: formatTime(event.at),
    message: event.message,
    reason: event.reason,
    ...(Object.keys(event.metadata).length > 0 ? { metadata: event.metadata } : {}),
    reportingController: event.reporter,
    reportingInstance: reportingInstance(),
  };
}
