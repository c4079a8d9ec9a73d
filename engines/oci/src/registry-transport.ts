import {
  type FetchOptions,
  type HttpClient,
  HttpError,
  type HttpResponse,
  type RetryPolicy,
  withRetries,
} from '@flux/http';
import { refuseRedirect } from './address-rules.ts';
import { Authorizer } from './authorizer.ts';
import type { Credentials } from './credentials.ts';
import { OciError } from './oci-error.ts';
import { readErrorBody } from './read-body.ts';
import { RegistryError } from './registry-error.ts';

export interface TransportOptions {
  http: HttpClient;
  userAgent: string;
  retry: RetryPolicy;
  credentials?: Credentials;
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface RegistryRequest {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  headers?: Record<string, string>;
  body?: Uint8Array;
  maxBytes?: number;
  /** What the token must be good for: `repository:name:pull`. */
  scope: string;
  /** The statuses that are no error. */
  accept: readonly number[];
  signal?: AbortSignal;
}

const temporary = new Set([408, 429, 500, 502, 503, 504]);
const transientCodes = new Set(['ECONNRESET', 'EPIPE', 'EAI_AGAIN', 'UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT']);

/** Sends requests to one registry, authorises them, and tries those again that change nothing. */
export class RegistryTransport {
  readonly #options: TransportOptions;
  readonly #authorizer: Authorizer;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#authorizer = new Authorizer(options);
  }

  /** An answer with one of the accepted statuses; every other is a `RegistryError`. */
  async send(url: string, request: RegistryRequest): Promise<HttpResponse> {
    const signal = this.#signalOf(request);
    const options: RegistryRequest = { ...request, ...(signal ? { signal } : {}) };
    const response = await this.#sendWithRetries(url, options);
    if (request.accept.includes(response.status)) return response;
    throw await this.#toError(url, request.method ?? 'GET', response);
  }

  #signalOf({ signal }: RegistryRequest): AbortSignal | undefined {
    const signals = [signal, this.#options.signal].filter((one) => one !== undefined);
    return signals.length > 1 ? AbortSignal.any(signals) : signals[0];
  }

  async #sendWithRetries(url: string, request: RegistryRequest): Promise<HttpResponse> {
    const { method = 'GET', signal } = request;
    if (method !== 'GET' && method !== 'HEAD') return this.#sendAuthorised(url, request);
    const { retry } = this.#options;
    let last: HttpResponse | undefined;
    const attempt = async () => {
      await last?.discard();
      last = undefined;
      try {
        last = await this.#sendAuthorised(url, request);
      } catch (error) {
        if (isTransient(error)) return { retry: error };
        throw error;
      }
      if (!temporary.has(last.status)) return { value: last };
      const seconds = Number(last.headers['retry-after']);
      return { retry: last, ...(seconds > 0 ? { afterMs: seconds * 1000 } : {}) };
    };
    const outcome = await withRetries(attempt, { ...retry, ...(signal ? { signal } : {}) });
    if ('value' in outcome) return outcome.value;
    if (last !== undefined) return last;
    throw outcome.retry;
  }

  async #sendAuthorised(url: string, request: RegistryRequest): Promise<HttpResponse> {
    const response = await this.#sendOnce(url, request, this.#authorizer.known(request.scope));
    if (response.status !== 401) return response;
    // Who was redirected to another host and is asked there for credentials does not give those of the registry.
    if (new URL(response.url).origin !== new URL(url).origin) return response;
    const authorization = await this.#answer(response, url, request);
    if (authorization === undefined) return response;
    await response.discard();
    return this.#sendOnce(url, request, authorization);
  }

  async #answer(response: HttpResponse, url: string, request: RegistryRequest): Promise<string | undefined> {
    try {
      return await this.#authorizer.answer(response, request.scope, request.signal);
    } catch (error) {
      await response.discard();
      if (!(error instanceof OciError)) throw error;
      throw new OciError(`${request.method ?? 'GET'} "${url}": ${error.message}`, { cause: error });
    }
  }

  async #sendOnce(url: string, request: RegistryRequest, authorization: string | undefined): Promise<HttpResponse> {
    const { http, userAgent, timeoutMs } = this.#options;
    const { method, headers, body, maxBytes, signal } = request;
    const options: FetchOptions = {
      headers: { 'user-agent': userAgent, ...headers, ...(authorization ? { authorization } : {}) },
      refuseRedirect,
      ...(method ? { method } : {}),
      ...(body ? { body } : {}),
      ...(maxBytes === undefined ? {} : { maxBytes }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(signal ? { signal } : {}),
    };
    return http.stream(url, options);
  }

  async #toError(url: string, method: string, response: HttpResponse): Promise<RegistryError> {
    const body = method === 'HEAD' ? '' : await readErrorBody(response);
    if (method === 'HEAD') await response.discard();
    return new RegistryError({ method, url, status: response.status, body });
  }
}

/** A connection that broke may be better the next time; one that was refused, or a certificate that is wrong, is not. */
function isTransient(error: unknown): boolean {
  if (!(error instanceof HttpError) || error.failure !== 'connection') return false;
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string' && transientCodes.has(cause.code)) return true;
  }
  return false;
}
