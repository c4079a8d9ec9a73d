import type { ApiResponse } from './messages.ts';

/** How much the server takes on at once, and how long it waits for slow clients. */
export interface ServerLimits {
  connections: number;
  /** Requests that are being answered; watches count by themselves. */
  requests: number;
  watches: number;
  /** Of one request body, and of all that are being received. */
  bodyBytes: number;
  receivedBytes: number;
  /** For TLS and the head of a request, and for its body. */
  headMs: number;
  bodyMs: number;
  /** How long a connection stays open without a request. */
  idleMs: number;
}

export const defaultLimits: ServerLimits = {
  connections: 4096,
  requests: 600,
  watches: 20_000,
  bodyBytes: 3 * 1024 * 1024,
  receivedBytes: 256 * 1024 * 1024,
  headMs: 10_000,
  bodyMs: 30_000,
  idleMs: 90_000,
};

/** Counts what the server has taken on; beyond its limits a request is refused at once and the client told to come back. */
export class Load {
  readonly #limits: ServerLimits;
  #requests = 0;
  #watches = 0;
  #bytes = 0;

  constructor(limits: ServerLimits) {
    this.#limits = limits;
  }

  /** False when there are too many requests; otherwise `leave` has to follow. */
  enter(): boolean {
    if (this.#requests >= this.#limits.requests) return false;
    this.#requests++;
    return true;
  }

  leave(): void {
    this.#requests--;
  }

  enterWatch(): boolean {
    if (this.#watches >= this.#limits.watches) return false;
    this.#watches++;
    return true;
  }

  leaveWatch(): void {
    this.#watches--;
  }

  /** False when the bodies that are being received would take too much memory; otherwise `release` has to follow. */
  receive(bytes: number): boolean {
    if (this.#bytes + bytes > this.#limits.receivedBytes) return false;
    this.#bytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** What API priority and fairness answers. */
export function tooManyRequests(): ApiResponse {
  const text = 'Too many requests, please try again later.\n';
  return {
    status: 429,
    headers: { 'retry-after': '1', 'x-content-type-options': 'nosniff' },
    body: { kind: 'text', text, contentType: 'text/plain; charset=utf-8' },
  };
}
