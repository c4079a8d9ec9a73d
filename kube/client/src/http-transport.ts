import { parseJson } from '@flux/yaml';
import type { Dispatcher } from 'undici';
import type { Transport, TransportRequest, TransportResponse } from './cluster.ts';
import type { Connection, Identity } from './connection.ts';
import { connectionError } from './connection-error.ts';
import { DispatcherSet } from './dispatchers.ts';
import { formatJson } from './json.ts';
import { decodeJsonLines } from './json-lines.ts';
import { responseError } from './response-error.ts';
import { readText } from './response-text.ts';
import { retryDelay } from './retry-policy.ts';
import { sleep, TokenBucket } from './token-bucket.ts';

export interface HttpTransportOptions {
  /** Connections for requests; watches have their own. Default 20. */
  connections?: number;
  /** Until the headers of an answer, and between two pieces of it. Default 65 s, a little more than the server's own limit. */
  timeoutMs?: number;
  /** Largest answer. Default 512 MiB. */
  maxResponseBytes?: number;
  /** Largest line of a watch. Default 32 MiB. */
  maxEventBytes?: number;
  /** `--kube-api-qps` and `--kube-api-burst`; unlimited when absent. */
  rateLimit?: { perSecond: number; burst: number };
  /** HTTP/2 where the server offers it. Off: in Node it is slower than a pool of HTTP/1.1 connections. */
  allowH2?: boolean;
  /** Tries in all of a request that may be repeated. Default 5. */
  maxAttempts?: number;
}

/** Talks HTTP/1.1 with kept-alive connections to an API server. No connection is opened before the first request. */
export function httpTransport(connection: Connection, options: HttpTransportOptions = {}): Transport {
  return new HttpTransport(connection, options);
}

const anonymous: Identity = {};

class HttpTransport implements Transport {
  readonly #connection: Connection;
  readonly #server: URL;
  readonly #options: Required<Omit<HttpTransportOptions, 'rateLimit'>>;
  readonly #limiter: TokenBucket | undefined;
  readonly #dispatchers: DispatcherSet;
  /** Of every request, in lower case. */
  readonly #ownHeaders: Record<string, string | string[]> = { accept: 'application/json', 'user-agent': 'flux' };
  /** Path of the server, without a slash at its end. */
  readonly #basePath: string;
  /** Whether answers are asked for in gzip, as client-go does; servers pack only large ones. */
  readonly #packs: boolean;

  constructor(connection: Connection, options: HttpTransportOptions) {
    this.#connection = connection;
    this.#packs = !connection.disableCompression && !isLoopback(new URL(connection.server).hostname);
    this.#server = new URL(connection.server);
    this.#basePath = this.#server.pathname.replace(/\/+$/, '');
    addHeaders(this.#ownHeaders, connection.headers ?? {});
    this.#options = {
      connections: options.connections ?? 20,
      timeoutMs: options.timeoutMs ?? 65_000,
      maxResponseBytes: options.maxResponseBytes ?? 512 * 1024 * 1024,
      maxEventBytes: options.maxEventBytes ?? 32 * 1024 * 1024,
      maxAttempts: options.maxAttempts ?? 5,
      allowH2: options.allowH2 ?? false,
    };
    this.#limiter = options.rateLimit ? new TokenBucket(options.rateLimit) : undefined;
    this.#dispatchers = new DispatcherSet(connection, this.#options);
  }

  async send(request: TransportRequest): Promise<TransportResponse> {
    const { signal } = request;
    let refreshed = false;
    for (let attempt = 1; ; attempt++) {
      let failure: unknown;
      let response: TransportResponse | undefined;
      try {
        const identity = await this.#identity(signal);
        response = await this.#sendOnce(request, identity);
        if (response.status === 401 && !refreshed) {
          refreshed = true;
          if (await this.#connection.credentials?.refresh(identity, signal)) continue;
        }
      } catch (error) {
        failure = error;
      }
      const delayMs =
        attempt < this.#options.maxAttempts ? retryDelay({ request, attempt, response, failure }) : undefined;
      if (delayMs === undefined || signal?.aborted) {
        if (response) return response;
        throw signal?.aborted ? signal.reason : connectionError(failure, this.#server);
      }
      await sleep(delayMs, signal);
    }
  }

  async *stream(request: TransportRequest): AsyncGenerator<unknown, void, undefined> {
    const { signal } = request;
    try {
      let identity = await this.#identity(signal);
      let answer = await this.#dispatch(request, identity, 'streams');
      if (answer.statusCode === 401 && (await this.#connection.credentials?.refresh(identity, signal))) {
        await answer.body.dump();
        identity = await this.#identity(signal);
        answer = await this.#dispatch(request, identity, 'streams');
      }
      if (answer.statusCode !== 200) throw responseError(await this.#readResponse(answer), request);
      yield* decodeJsonLines(answer.body, this.#options.maxEventBytes);
    } catch (error) {
      if (!signal?.aborted) throw connectionError(error, this.#server);
    }
  }

  close(): Promise<void> {
    return this.#dispatchers.close();
  }

  async #identity(signal: AbortSignal | undefined): Promise<Identity> {
    const { credentials } = this.#connection;
    return credentials ? credentials.get(signal) : anonymous;
  }

  async #sendOnce(request: TransportRequest, identity: Identity): Promise<TransportResponse> {
    return this.#readResponse(await this.#dispatch(request, identity, 'requests'));
  }

  async #dispatch(
    request: TransportRequest,
    identity: Identity,
    pool: 'requests' | 'streams',
  ): Promise<Dispatcher.ResponseData> {
    if (this.#limiter) await this.#limiter.wait(request.signal);
    request.signal?.throwIfAborted();
    const body = encodeBody(request.body);
    const headers = this.#headers(request, identity, body !== undefined);
    if (this.#packs && request.method === 'GET' && pool === 'requests') headers['accept-encoding'] ??= 'gzip';
    return this.#dispatchers.request(pool, identity.certificate, {
      origin: this.#server.origin,
      path: `${this.#basePath}${request.path}${formatQuery(request.query)}`,
      method: request.method,
      headers,
      ...(body === undefined ? {} : { body }),
      ...(request.signal ? { signal: request.signal } : {}),
    });
  }

  #headers(request: TransportRequest, identity: Identity, hasBody: boolean): Record<string, string | string[]> {
    const headers = { ...this.#ownHeaders };
    if (hasBody) headers['content-type'] ??= 'application/json';
    if (request.headers) addHeaders(headers, request.headers);
    if (identity.authorization !== undefined) headers['authorization'] ??= identity.authorization;
    return headers;
  }

  async #readResponse(answer: Dispatcher.ResponseData): Promise<TransportResponse> {
    const text = await readText(answer, this.#options.maxResponseBytes);
    const headers: Record<string, string | readonly string[]> = {};
    for (const [name, value] of Object.entries(answer.headers)) if (value !== undefined) headers[name] = value;
    const isJson = String(headers['content-type'] ?? '').includes('json');
    return { status: answer.statusCode, headers, body: isJson && text !== '' ? parseJson(text) : text };
  }
}

function encodeBody(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return body;
  return formatJson(body);
}

function addHeaders(
  target: Record<string, string | string[]>,
  headers: NonNullable<TransportRequest['headers']>,
): void {
  for (const [name, value] of Object.entries(headers)) {
    target[name.toLowerCase()] = typeof value === 'string' ? value : [...value];
  }
}

function formatQuery(query: TransportRequest['query']): string {
  let parameters: URLSearchParams | undefined;
  for (const name in query) {
    const value = query[name];
    if (value === undefined) continue;
    parameters ??= new URLSearchParams();
    for (const item of typeof value === 'string' ? [value] : value) parameters.append(name, item);
  }
  return parameters && parameters.size > 0 ? `?${parameters}` : '';
}

/** On the same machine packing costs more than it saves. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}
