import type { IncomingMessage } from 'node:http';
import { constants, type Http2ServerRequest } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { User } from '../registry/api.ts';
import { failure } from '../status.ts';
import type { Load, ServerLimits } from './load-limits.ts';
import { type ApiResponse, objectResponse, protobufType, type RequestBody, type RequestHead } from './messages.ts';

export type Request = IncomingMessage | Http2ServerRequest;

/** Why a body was not received. */
export type NotReceived = 'too large' | 'too many' | 'gone';

/** Reads a body within the limits; a client that takes too long for it is cut off. */
export async function receiveBody(request: Request, load: Load, limits: ServerLimits): Promise<Buffer | NotReceived> {
  if (Number(request.headers['content-length'] ?? 0) > limits.bodyBytes) return 'too large';
  const chunks: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(() => cutOff(request), limits.bodyMs);
  try {
    // Leaving early must not take the connection with it: the client shall see why.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      if (size + chunk.length > limits.bodyBytes) return 'too large';
      if (!load.receive(chunk.length)) return 'too many';
      size += chunk.length;
      chunks.push(chunk);
    }
    return request.complete ? Buffer.concat(chunks) : 'gone';
  } catch {
    return 'gone';
  } finally {
    clearTimeout(timer);
    load.release(size);
  }
}

/** An HTTP/2 stream ends with a code: without one it would be taken for an answer that is complete, and waited for. */
function cutOff(request: Request): void {
  if ('stream' in request) request.stream.close(constants.NGHTTP2_CANCEL);
  else request.socket.destroy();
}

export function tooLarge(limit: number): ApiResponse {
  const { status } = failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limit}`);
  return objectResponse(413, status);
}

/** The head of a request, which is enough to know who sends it. */
export function readHead(request: Request): RequestHead {
  const url = request.url ?? '/';
  const question = url.indexOf('?');
  const identity = certificateUser(request);
  return {
    method: request.method ?? 'GET',
    path: question < 0 ? url : url.slice(0, question),
    query: parseQuery(question < 0 ? '' : url.slice(question + 1)),
    headers: flatHeaders(request),
    ...(identity ? { identity } : {}),
  };
}

export function parseQuery(text: string): Map<string, string[]> {
  const query = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const values = query.get(name);
    if (values) values.push(value);
    else query.set(name, [value]);
  }
  return query;
}

/** Repeated headers are joined with a comma and a space, which Impersonate-Group relies on. */
function flatHeaders(request: Request): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && !name.startsWith(':')) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

export function toBody(request: Request, bytes: Buffer): RequestBody {
  const contentType = String(request.headers['content-type'] ?? '');
  if (bytes.length === 0 && request.method !== 'POST' && request.method !== 'PATCH' && request.method !== 'PUT')
    return { kind: 'none' };
  const mediaType = contentType.split(';')[0]!.trim().toLowerCase();
  if (mediaType === protobufType && bytes.length > 0) return { kind: 'bytes', bytes, mediaType };
  return { kind: 'text', text: bytes.toString('utf8'), mediaType };
}

/** A client certificate of our authority names a user (CN) and groups (O). */
function certificateUser(request: Request): User | undefined {
  const socket = request.socket as TLSSocket;
  if (!socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate();
  const name = one(subject?.CN);
  if (!name) return undefined;
  const groups = ([] as string[]).concat(subject.O ?? []);
  return { name, groups };
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
