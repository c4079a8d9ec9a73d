import { type HttpClient, HttpError } from '@flux/http';
import { isPrivateAddress } from './address-rules.ts';
import type { Wording } from './registry-error.ts';

type Scheme = 'https' | 'http';

const pingTimeoutMs = 10_000;

/**
 * The schemes to try, in order. Helm's client speaks http only if it is told to; go-containerregistry falls back to it, also for
 * hosts that are local.
 */
export function schemesOf(host: string, wording: Wording, insecure: boolean): readonly Scheme[] {
  if (wording === 'oras') return insecure ? ['http'] : ['https'];
  return insecure || isPrivateAddress(host.replace(/:\d+$/, '')) ? ['https', 'http'] : ['https'];
}

/** Where a registry's API begins, found out once. */
export class RegistryAddress {
  readonly #host: string;
  readonly #http: HttpClient;
  readonly #schemes: readonly Scheme[];
  #base: Promise<string> | undefined;

  constructor(host: string, http: HttpClient, schemes: readonly Scheme[]) {
    this.#host = host;
    this.#http = http;
    this.#schemes = schemes;
  }

  /** `https://host/v2/` */
  base(signal?: AbortSignal): Promise<string> {
    this.#base ??= this.#find(signal);
    return this.#base;
  }

  async #find(signal: AbortSignal | undefined): Promise<string> {
    const [preferred, fallback] = this.#schemes.map((scheme) => `${scheme}://${this.#host}/v2/`);
    if (fallback === undefined || (await this.#answers(preferred!, signal))) return preferred!;
    return fallback;
  }

  /** Whatever the status is: an answer shows that the scheme is right. */
  async #answers(url: string, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      const options = { timeoutMs: pingTimeoutMs, maxRedirects: 0, ...(signal ? { signal } : {}) };
      await (await this.#http.stream(url, options)).discard();
      return true;
    } catch (error) {
      if (error instanceof HttpError) return error.failure === 'redirect';
      this.#base = undefined; // the caller gave up; the next one tries again
      throw error;
    }
  }
}
