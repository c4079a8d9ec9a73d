import type { TransportRequest, TransportResponse } from './cluster.ts';
import { errnoOf } from './connection-error.ts';
import { headerValue } from './response-error.ts';

interface Attempt {
  request: TransportRequest;
  /** Counts from 1. */
  attempt: number;
  response: TransportResponse | undefined;
  failure: unknown;
}

const maxRetryAfterMs = 60_000;
/** The connection died under a request: what may be done twice is simply sent again. */
const lostConnection = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/**
 * How long to wait before the request is sent again; undefined gives up. A server that says when to come back
 * (`Retry-After` on 429 and 5xx) has not carried out the request, so any verb is repeated; without it only reads are.
 */
export function retryDelay({ request, attempt, response, failure }: Attempt): number | undefined {
  const isRead = request.method === 'GET';
  const backoffMs = 200 * 2 ** (attempt - 1);
  if (!response) {
    return isRepeatable(request) && attempt <= 2 && lostConnection.has(errnoOf(failure)) ? backoffMs : undefined;
  }
  if (response.status !== 429 && response.status < 500) return undefined;
  const retryAfter = parseRetryAfter(headerValue(response, 'retry-after'));
  if (retryAfter !== undefined) return Math.min(retryAfter, maxRetryAfterMs);
  const isPassing = response.status === 429 || (response.status >= 502 && response.status <= 504);
  return isRead && isPassing ? backoffMs : undefined;
}

/** Doing it twice gives what doing it once does. A PUT carries its resourceVersion, a JSON patch may not be repeatable. */
function isRepeatable(request: TransportRequest): boolean {
  if (request.method === 'PATCH') return request.headers?.['content-type'] !== 'application/json-patch+json';
  return request.method === 'GET';
}

function parseRetryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
