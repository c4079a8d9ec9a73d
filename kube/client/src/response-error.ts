import { type Status, StatusError } from '@flux/apimachinery/status-error';
import type { TransportRequest, TransportResponse } from './cluster.ts';

/** The server's Status as an error; an answer that is no Status gets the text client-go gives it. */
export function responseError(response: TransportResponse, request: TransportRequest): StatusError {
  const body = response.body;
  if (isStatus(body)) return new StatusError({ ...body, code: body.code || response.status });
  const generic = genericStatus(response.status, request.method.toLowerCase());
  const retryAfterSeconds = Number(headerValue(response, 'retry-after'));
  const causes =
    typeof body === 'string' && body.trim() !== ''
      ? [{ reason: 'UnexpectedServerResponse', message: body.slice(0, 2048) }]
      : [];
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    code: response.status,
    ...generic,
    details: { causes, ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}) },
  });
}

export function headerValue(response: TransportResponse, name: string): string | undefined {
  const value = response.headers[name];
  return typeof value === 'string' ? value : value?.[0];
}

function isStatus(body: unknown): body is Status {
  return typeof body === 'object' && body !== null && (body as { kind?: unknown }).kind === 'Status';
}

const texts: Readonly<Record<number, { reason: string; message: string }>> = {
  400: { reason: 'BadRequest', message: 'the server rejected our request for an unknown reason' },
  401: { reason: 'Unauthorized', message: 'the server has asked for the client to provide credentials' },
  403: { reason: 'Forbidden', message: 'the server does not allow access to the requested resource' },
  404: { reason: 'NotFound', message: 'the server could not find the requested resource' },
  405: { reason: 'MethodNotAllowed', message: 'the server does not allow this method on the requested resource' },
  406: {
    reason: 'NotAcceptable',
    message: 'the server was unable to respond with a content type that the client supports',
  },
  409: { reason: 'Conflict', message: 'the server reported a conflict' },
  410: { reason: 'Gone', message: 'the server says that the requested version is gone' },
  413: { reason: 'RequestEntityTooLarge', message: 'the request is larger than the server accepts' },
  415: { reason: 'UnsupportedMediaType', message: 'the body of the request was in an unknown format' },
  422: { reason: 'Invalid', message: 'the server rejected our request due to an error in our request' },
  429: {
    reason: 'TooManyRequests',
    message: 'the server has received too many requests and has asked us to try again later',
  },
  503: { reason: 'ServiceUnavailable', message: 'the server is currently unable to handle the request' },
  504: {
    reason: 'Timeout',
    message: 'the server was unable to return a response in the time allotted, but may still be processing the request',
  },
};

function genericStatus(code: number, verb: string): { reason: string; message: string } {
  const known = texts[code];
  if (known) return known;
  if (code >= 500) {
    return {
      reason: 'InternalError',
      message: `an error on the server ("unknown") has prevented the request from succeeding (${verb})`,
    };
  }
  return {
    reason: 'Unknown',
    message: `the server responded with the status code ${code} but did not return more information`,
  };
}
