import type { Dispatcher } from 'undici';
import { basicAuthorization } from './basic-authorization.ts';
import { HttpError } from './http-error.ts';
import { describeNetworkError, isTimeout } from './network-error.ts';
import { proxyFromEnvironment } from './proxy-environment.ts';

export interface TlsOptions {
  /** PEM authorities that are trusted besides those of the system. */
  ca?: string;
  /** PEM client certificate and key. */
  cert?: string;
  key?: string;
  /** Takes any certificate: only for registries that are named insecure (SRC-OCI-07). */
  insecureSkipVerify?: boolean;
}

export interface ProxyOptions {
  /** `http://`, `https://` or `socks5://`. */
  url: string;
  username?: string;
  password?: string;
}

export interface HttpClientOptions {
  tls?: TlsOptions;
  /** Wins over the environment. */
  proxy?: ProxyOptions;
  /** Where proxy settings come from; the process's own by default. */
  environment?: Readonly<Record<string, string | undefined>>;
}

export interface FetchOptions {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  /** Limit of the whole exchange, the body included. */
  timeoutMs?: number;
  /** Limit of the body; more than that is an error. */
  maxBytes?: number;
  maxRedirects?: number;
  /** Refuses a redirect by giving the reason; without it all are followed. */
  refuseRedirect?: (from: URL, to: URL) => string | undefined;
  signal?: AbortSignal;
}

/** An answer whose body has not been read yet: iterate it or call `discard`. */
export interface HttpResponse {
  status: number;
  statusText: string;
  /** Lower-case names; repeated headers are joined with `, `. */
  headers: Readonly<Record<string, string>>;
  /** The address that answered, after redirects. */
  url: string;
  body: AsyncIterable<Uint8Array>;
  discard(): Promise<void>;
}

/** Requests over one set of TLS and proxy settings; connections are kept until it is closed. */
export interface HttpClient extends AsyncDisposable {
  /** Resolves for any status; throws `HttpError` when there is no answer. */
  stream(url: string, options?: FetchOptions): Promise<HttpResponse>;
  /** The whole body in memory. */
  bytes(url: string, options?: FetchOptions): Promise<Omit<HttpResponse, 'body' | 'discard'> & { body: Uint8Array }>;
}

const secretHeaders = new Set(['authorization', 'cookie', 'proxy-authorization', 'www-authenticate']);
const redirects = new Set([301, 302, 303, 307, 308]);

/** Makes a client. Nothing is loaded or opened before the first request. */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  return new UndiciClient(options);
}

class UndiciClient implements HttpClient {
  readonly #options: HttpClientOptions;
  readonly #dispatchers = new Map<string, Promise<Dispatcher>>();

  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  async stream(url: string, options: FetchOptions = {}): Promise<HttpResponse> {
    const signals = [
      options.signal,
      options.timeoutMs === undefined ? undefined : AbortSignal.timeout(options.timeoutMs),
    ];
    const present = signals.filter((signal) => signal !== undefined);
    const signal = present.length > 1 ? AbortSignal.any(present) : present[0];
    try {
      return await this.#follow(url, options, signal);
    } catch (error) {
      throw toHttpError(error, options, url);
    }
  }

  async bytes(url: string, options: FetchOptions = {}) {
    const { body, discard: _, ...rest } = await this.stream(url, options);
    return { ...rest, body: Buffer.concat(await Array.fromAsync(body)) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const dispatchers = await Promise.all(this.#dispatchers.values());
    this.#dispatchers.clear();
    await Promise.all(dispatchers.map((dispatcher) => dispatcher.destroy()));
  }

  /** Credentials are never carried to another origin. */
  async #follow(start: string, options: FetchOptions, signal: AbortSignal | undefined): Promise<HttpResponse> {
    const { maxRedirects = 10 } = options;
    let url = parseUrl(start);
    let method = options.method ?? 'GET';
    let headers: Record<string, string> = { ...options.headers };
    let body = options.body;
    for (let hop = 0; ; hop++) {
      const answer = await this.#send(url, { method, headers, body, signal });
      const location = redirects.has(answer.statusCode) ? answer.headers['location'] : undefined;
      if (typeof location !== 'string') return toResponse(answer, url, options);
      await answer.body.dump();
      if (hop >= maxRedirects) throw new HttpError('redirect', `stopped after ${maxRedirects} redirects`);
      const next = parseUrl(new URL(location, url).href);
      const refusal = options.refuseRedirect?.(url, next);
      if (refusal !== undefined) throw new HttpError('redirect', refusal);
      if (next.origin !== url.origin) headers = withoutSecrets(headers);
      if (answer.statusCode === 303 || (answer.statusCode < 303 && method === 'POST')) {
        method = method === 'HEAD' ? 'HEAD' : 'GET';
        body = undefined;
      }
      url = next;
    }
  }

  async #send(
    url: URL,
    request: {
      method: string;
      headers: Record<string, string>;
      body: FetchOptions['body'];
      signal: AbortSignal | undefined;
    },
  ) {
    const { method, headers, body, signal } = request;
    return (await this.#dispatcher(url)).request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: method as Dispatcher.HttpMethod,
      headers,
      ...(body === undefined ? {} : { body }),
      ...(signal ? { signal } : {}),
    });
  }

  #dispatcher(url: URL): Promise<Dispatcher> {
    const proxy = this.#options.proxy ?? environmentProxy(url, this.#options.environment ?? process.env);
    const key = proxy?.url ?? '';
    let dispatcher = this.#dispatchers.get(key);
    if (dispatcher === undefined) {
      dispatcher = openDispatcher(this.#options.tls, proxy);
      this.#dispatchers.set(key, dispatcher);
    }
    return dispatcher;
  }
}

function environmentProxy(
  url: URL,
  environment: Readonly<Record<string, string | undefined>>,
): ProxyOptions | undefined {
  const proxy = proxyFromEnvironment(url, environment);
  return proxy === undefined ? undefined : { url: proxy };
}

async function openDispatcher(tls: TlsOptions | undefined, proxy: ProxyOptions | undefined): Promise<Dispatcher> {
  const { Agent, ProxyAgent, Socks5ProxyAgent } = await import('undici');
  const connect = { timeout: 30_000, ...(await tlsSettings(tls)) };
  if (proxy === undefined) return new Agent({ connect });
  const { username, password } = proxy;
  if (proxy.url.startsWith('socks5')) {
    return new Socks5ProxyAgent(proxy.url, {
      ...(username ? { username, password: password ?? '' } : {}),
      requestTls: connect,
    });
  }
  return new ProxyAgent({
    uri: proxy.url,
    requestTls: connect,
    ...(username ? { token: basicAuthorization({ ...proxy, username }) } : {}),
  });
}

/** The given authorities are added to those of the system, they do not replace them (SRC-SEC-01). */
async function tlsSettings(tls: TlsOptions | undefined) {
  if (tls === undefined) return {};
  const { getCACertificates } = await import('node:tls');
  return {
    ...(tls.ca ? { ca: [...getCACertificates('default'), tls.ca] } : {}),
    ...(tls.cert ? { cert: tls.cert } : {}),
    ...(tls.key ? { key: tls.key } : {}),
    ...(tls.insecureSkipVerify ? { rejectUnauthorized: false } : {}),
  };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new HttpError('redirect', `unsupported protocol scheme "${url?.protocol.replace(':', '') ?? ''}"`);
}

function withoutSecrets(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !secretHeaders.has(name.toLowerCase())));
}

function toResponse(answer: Dispatcher.ResponseData, url: URL, options: FetchOptions): HttpResponse {
  const headers = Object.fromEntries(
    Object.entries(answer.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
  return {
    status: answer.statusCode,
    statusText: answer.statusText,
    headers,
    url: url.href,
    body: limited(answer.body, url.href, options),
    discard: () => answer.body.dump(),
  };
}

async function* limited(
  body: AsyncIterable<Uint8Array>,
  url: string,
  options: FetchOptions,
): AsyncGenerator<Uint8Array> {
  const { maxBytes = Number.POSITIVE_INFINITY } = options;
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > maxBytes) throw new HttpError('tooLarge', `response exceeds the limit of ${maxBytes} bytes`);
      yield chunk;
    }
  } catch (error) {
    throw toHttpError(error, options, url);
  }
}

/** `Get "<url>": …` as Go's http.Client says it; an abort of the caller stays what it is. */
function toHttpError(error: unknown, options: FetchOptions, url: string): unknown {
  if (options.signal?.aborted) return options.signal.reason;
  const method = options.method ?? 'GET';
  const verb = method.charAt(0) + method.slice(1).toLowerCase();
  const prefix = `${verb} "${url}": `;
  if (error instanceof HttpError) {
    return error.failure === 'redirect' ? new HttpError('redirect', prefix + error.message) : error;
  }
  if (isTimeout(error)) return new HttpError('timeout', `${prefix}context deadline exceeded`, { cause: error });
  return new HttpError('connection', prefix + describeNetworkError(error), { cause: error });
}
