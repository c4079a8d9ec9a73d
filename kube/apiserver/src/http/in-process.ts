import { type KubeObject, type Status, StatusError } from '@flux/apimachinery';
import { administrator } from '../auth/tokens.ts';
import { deepFreeze } from '../storage/freeze.ts';
import type { ApiRequest, ApiResponse, RequestBody, WatchStream } from './messages.ts';
import { parseQuery } from './receive.ts';

/** A request of a client inside the process; the shape of kube/client's TransportRequest. */
export interface DirectRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  headers?: Readonly<Record<string, string | readonly string[]>>;
  /** A JSON value, or text or bytes as `content-type` says; never changed, copied where it is kept. */
  body?: unknown;
  signal?: AbortSignal;
}

export interface DirectResponse {
  status: number;
  headers: Readonly<Record<string, string | readonly string[]>>;
  /** Frozen, and shared with the server's state. */
  body: unknown;
}

export type Handle = (request: ApiRequest) => Promise<ApiResponse>;

/** A direct caller is the administrator unless it brings a token or impersonates. */
export async function handleDirect(handle: Handle, request: DirectRequest): Promise<DirectResponse> {
  request.signal?.throwIfAborted();
  const { status, headers, body } = await handle(toApiRequest(request));
  if (body.kind === 'watch') {
    body.stream.stop();
    return { status, headers, body: undefined };
  }
  const value = contentOf(body);
  const type = body.kind === 'none' ? {} : { 'content-type': body.contentType };
  return { status, headers: { ...type, ...headers }, body: value };
}

function contentOf(body: ApiResponse['body']): unknown {
  switch (body.kind) {
    case 'object':
      return deepFreeze(body.value);
    case 'text':
      return body.text;
    case 'bytes':
      return body.bytes;
    default:
      return undefined;
  }
}

/** Yields the events of a watch; rejects with the server's Status when the answer is no stream. */
export async function* streamDirect(handle: Handle, request: DirectRequest): AsyncGenerator<unknown> {
  const { status, body } = await handle(toApiRequest(request));
  if (body.kind !== 'watch') throw new StatusError(statusOf(status, body));
  yield* drain(body.stream, request.signal);
}

function statusOf(code: number, body: ApiResponse['body']): Status {
  if (body.kind === 'object' && (body.value as Partial<Status>).kind === 'Status') return body.value as Status;
  const message = body.kind === 'text' ? body.text : 'the answer is not a stream';
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code };
}

interface Event {
  type: string;
  object: unknown;
}

async function* drain(stream: WatchStream, signal: AbortSignal | undefined): AsyncGenerator<Event> {
  const queue: Event[] = [];
  let ended = signal?.aborted ?? false;
  let wake = () => {};
  const stop = () => stream.stop();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    if (!ended) {
      stream.start({
        event(type: string, _source: KubeObject, render: () => unknown) {
          queue.push({ type, object: deepFreeze(render()) });
          wake();
        },
        end() {
          ended = true;
          wake();
        },
      });
    }
    for (;;) {
      // Taking the whole queue at once keeps a burst linear.
      for (const event of queue.splice(0)) yield event;
      if (queue.length > 0) continue;
      if (ended) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    stream.stop();
  }
}

function toApiRequest(request: DirectRequest): ApiRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    headers[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ');
  }
  const question = request.path.indexOf('?');
  const path = question < 0 ? request.path : request.path.slice(0, question);
  return {
    method: request.method,
    path,
    query: queryOf(request, question < 0 ? '' : request.path.slice(question + 1)),
    headers,
    body: bodyOf(request, headers),
    identity: administrator,
  };
}

function queryOf({ query }: DirectRequest, text: string): Map<string, readonly string[]> {
  const result: Map<string, readonly string[]> = parseQuery(text);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) result.set(name, typeof value === 'string' ? [value] : value);
  }
  return result;
}

function bodyOf({ body, method }: DirectRequest, headers: Record<string, string>): RequestBody {
  const mediaType = (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  if (body === undefined)
    return method === 'GET' || method === 'DELETE' ? { kind: 'none' } : { kind: 'text', text: '', mediaType };
  if (body instanceof Uint8Array) return { kind: 'text', text: Buffer.from(body).toString(), mediaType };
  return typeof body === 'string' ? { kind: 'text', text: body, mediaType } : { kind: 'value', value: body, mediaType };
}
