import type { Cluster, TransportRequest } from './cluster.ts';
import type { Credentials } from './connection.ts';
import { responseError } from './response-error.ts';

export interface TokenCacheOptions {
  /** `--token-cache-max-size`; 0 asks for a token each time. */
  maxSize?: number;
  /** `--token-cache-max-duration`: an hour at most. */
  maxDurationMs?: number;
  now?: () => number;
}

/** For whom a token is, and who shall accept it. */
export interface TokenSubject {
  namespace: string;
  serviceAccount: string;
  audiences: readonly string[];
}

interface Entry {
  token: Promise<{ token: string; renewAt: number }>;
}

const hourMs = 3_600_000;
/** A token is renewed before it ends, so that a request under way does not outlive it. */
const usedPart = 0.8;

/** Tokens of ServiceAccounts for other audiences than their own API server, by TokenRequest (KUS-AUTH-04). */
export class ServiceAccountTokens {
  readonly #maxSize: number;
  readonly #maxDurationMs: number;
  readonly #now: () => number;
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: TokenCacheOptions = {}) {
    this.#maxSize = options.maxSize ?? 100;
    this.#maxDurationMs = Math.min(options.maxDurationMs ?? hourMs, hourMs);
    this.#now = options.now ?? Date.now;
  }

  /** A token that is good for a while yet; requests for the same one are made once. */
  async get(cluster: Cluster, subject: TokenSubject): Promise<string> {
    const key = keyOf(cluster, subject);
    const known = this.#entries.get(key);
    if (known) {
      this.#entries.delete(key);
      const { token, renewAt } = await known.token;
      if (this.#now() < renewAt) {
        this.#keep(key, known);
        return token;
      }
    }
    const entry = { token: this.#request(cluster, subject) };
    this.#keep(key, entry);
    try {
      return (await entry.token).token;
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }

  /** Each request asks for the token, so that a long wait outlives the first one. */
  credentials(cluster: Cluster, subject: TokenSubject): Credentials {
    return {
      get: async () => ({ authorization: `Bearer ${await this.get(cluster, subject)}` }),
      refresh: () => Promise.resolve(this.#entries.delete(keyOf(cluster, subject))),
    };
  }

  #keep(key: string, entry: Entry): void {
    if (this.#maxSize === 0) return;
    this.#entries.set(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxSize) return;
      this.#entries.delete(oldest);
    }
  }

  async #request(cluster: Cluster, subject: TokenSubject): Promise<{ token: string; renewAt: number }> {
    const { namespace, serviceAccount, audiences } = subject;
    const request: TransportRequest = {
      method: 'POST',
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(serviceAccount)}/token`,
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences } },
    };
    const startedAt = this.#now();
    const response = await cluster.raw(request);
    if (response.status >= 400) throw responseError(response, request);
    const { status } = response.body as { status?: { token?: string; expirationTimestamp?: string } };
    const lifeMs = Date.parse(status?.expirationTimestamp ?? '') - startedAt;
    const renewAt = startedAt + Math.min(usedPart * (Number.isNaN(lifeMs) ? 0 : lifeMs), this.#maxDurationMs);
    return { token: status?.token ?? '', renewAt };
  }
}

function keyOf(cluster: Cluster, { namespace, serviceAccount, audiences }: TokenSubject): string {
  return JSON.stringify([cluster.host, namespace, serviceAccount, ...audiences]);
}
