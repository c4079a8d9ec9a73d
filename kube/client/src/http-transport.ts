import { parseJson } from '@flux/yaml';
import type { Dispatcher } from 'undici';
import type { Transport, TransportRequest, TransportResponse } from './cluster.ts';
import type { Connection, Identity } from './connection.ts';
import { connectionError } from './connection-error.ts';
import { DispatcherSet } from './dispatchers.ts';
import { formatJson } from './json.ts';
import { decodeJsonLines } from './json-lines.ts';
import { responseError } from './response-error.ts';
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
  /** Hears of each exchange, for metrics: `status` is undefined when there was no answer. */
  onExchange?: (exchange: { method: string; status: number | undefined; seconds: number }) => void;
  /** Tries in all of a request that may be repeated. Default 5. */
  maxAttempts?: number;
}

/** Talks HTTP/1.1 with kept-alive connections to an API server. No connection is opened before the first request. */
export function httpTransport(connection: Connection, options: HttpTransportOptions = {}): Transport {
  return new HttpTransport(connection, options);
}

class HttpTransport implements Transport {
  readonly #connection: Connection;
  readonly #server: URL;
  readonly #options: Required<Omit<HttpTransportOptions, 'rateLimit' | 'onExchange'>>;
  readonly #limiter: TokenBucket | undefined;
  readonly #onExchange: HttpTransportOptions['onExchange'];
  readonly #dispatchers: DispatcherSet;

  constructor(connection: Connection, options: HttpTransportOptions) {
    this.#connection = connection;
    this.#server = new URL(connection.server);
    this.#options = {
      connections: options.connections ?? 20,
      timeoutMs: options.timeoutMs ?? 65_000,
      maxResponseBytes: options.maxResponseBytes ?? 512 * 1024 * 1024,
      maxEventBytes: options.maxEventBytes ?? 32 * 1024 * 1024,
      maxAttempts: options.maxAttempts ?? 5,
    };
    this.#limiter = options.rateLimit ? new TokenBucket(options.rateLimit) : undefined;
    this.#onExchange = options.onExchange;
    this.#dispatchers = new DispatcherSet(connection, this.#options);
  }

  async send(request: TransportRequest): Promise<TransportResponse> {
    let refreshed = false;
    for (let attempt = 1; ; attempt++) {
      let failure: unknown;
      let response: TransportResponse | undefined;
      try {
        response = await this.#sendOnce(request);
        if (response.status === 401 && !refreshed && (await this.#connection.credentials?.refresh())) {
          refreshed = true;
          continue;
        }
      } catch (error) {
        failure = error;
      }
      const delayMs =
        attempt < this.#options.maxAttempts ? retryDelay({ request, attempt, response, failure }) : undefined;
      if (delayMs === undefined || request.signal?.aborted) {
        if (response) return response;
        throw connectionError(failure, this.#server);
      }
      await sleep(delayMs, request.signal);
    }
  }

  async *stream(request: TransportRequest): AsyncGenerator<unknown, void, undefined> {
    try {
      let answer = await this.#dispatch(request, 'streams');
      if (answer.statusCode === 401 && (await this.#connection.credentials?.refresh())) {
        await answer.body.dump();
        answer = await this.#dispatch(request, 'streams');
      }
      if (answer.statusCode !== 200) throw responseError(await this.#readResponse(answer), request);
      yield* decodeJsonLines(answer.body, this.#options.maxEventBytes);
    } catch (error) {
      if (!request.signal?.aborted) throw connectionError(error, this.#server);
    }
  }

  close(): Promise<void> {
    return this.#dispatchers.close();
  }

  async #sendOnce(request: TransportRequest): Promise<TransportResponse> {
    const startedAt = performance.now();
    let status: number | undefined;
    try {
      const response = await this.#readResponse(await this.#dispatch(request, 'requests'));
      status = response.status;
      return response;
    } finally {
      this.#onExchange?.({ method: request.method, status, seconds: (performance.now() - startedAt) / 1000 });
    }
  }

  async #dispatch(request: TransportRequest, pool: 'requests' | 'streams'): Promise<Dispatcher.ResponseData> {
    await this.#limiter?.wait(request.signal);
    request.signal?.throwIfAborted();
    const identity = (await this.#connection.credentials?.get()) ?? {};
    const body = encodeBody(request.body);
    return this.#dispatchers.request(pool, identity.certificate, {
      origin: this.#server.origin,
      path: pathOf(this.#server, request),
      method: request.method,
      headers: this.#headers(request, identity, body !== undefined),
      ...(body === undefined ? {} : { body }),
      ...(request.signal ? { signal: request.signal } : {}),
    });
  }

  #headers(request: TransportRequest, identity: Identity, hasBody: boolean): Record<string, string | string[]> {
    const headers: Record<string, string | string[]> = { accept: 'application/json', 'user-agent': 'flux' };
    if (hasBody) headers['content-type'] = 'application/json';
    for (const source of [this.#connection.headers ?? {}, request.headers ?? {}]) {
      for (const [name, value] of Object.entries(source)) {
        headers[name.toLowerCase()] = typeof value === 'string' ? value : [...value];
      }
    }
    if (identity.authorization !== undefined) headers['authorization'] ??= identity.authorization;
    return headers;
  }

  async #readResponse(answer: Dispatcher.ResponseData): Promise<TransportResponse> {
    const text = await readText(answer.body, this.#options.maxResponseBytes);
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

function pathOf(server: URL, request: TransportRequest): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {})) {
    for (const item of typeof value === 'string' ? [value] : (value ?? [])) query.append(name, item);
  }
  const base = server.pathname.replace(/\/+$/, '');
  return `${base}${request.path}${query.size > 0 ? `?${query}` : ''}`;
}

async function readText(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
