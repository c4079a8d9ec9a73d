import type { Artifact } from '@flux/api';
import { createDigest, DigestError, digestsEqual, parseDigest } from '@flux/crypto';
import { FluxError } from '@flux/errors';
import { type Chart, loadChartArchive } from '@flux/helm';
import {
  ArchiveNotFoundError,
  createHttpClient,
  type HttpClient,
  HttpError,
  localhostOverride,
  overrideHost,
  withRetries,
} from '@flux/http';
import { orAborted } from '@flux/runtime';

export interface ChartCacheOptions {
  /** `--http-retry`. */
  retries: number;
  /** `--http-timeout`. */
  timeoutMs: number;
  /** Of the archives of parsed charts. */
  maxBytes: number;
  environment?: Readonly<Record<string, string | undefined>>;
}

/** A chart could not be fetched; the text is Flux's (HELM-FLOW-08). */
class ChartFetchError extends FluxError {
  override readonly code = 'HELM_CHART_FETCH';
}

interface Entry {
  chart: Promise<Chart>;
  bytes: number;
}

const maxArchiveBytes = 100 * 1024 * 1024;

/**
 * Charts by the digest of their artifact: each is parsed once, whoever asks for it, and wherever else it lies: most releases
 * of a chart have a HelmChart each. A download under way is shared only with those who have its address, for it may be one
 * at which nobody answers any more.
 */
export class ChartCache implements AsyncDisposable {
  readonly #options: ChartCacheOptions;
  readonly #client: HttpClient = createHttpClient();
  readonly #entries = new Map<string, Entry>();
  readonly #downloads = new Map<string, Promise<Chart>>();
  readonly #closing = new AbortController();

  constructor(options: ChartCacheOptions) {
    this.#options = options;
  }

  async load(artifact: Artifact, signal: AbortSignal): Promise<Chart> {
    const entry = this.#entries.get(artifact.digest);
    if (entry) this.#keep(artifact.digest, entry);
    // a download goes on for others who wait for it
    return await orAborted(entry?.chart ?? this.#download(artifact), signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#entries.clear();
    await this.#client[Symbol.asyncDispose]();
  }

  #download(artifact: Artifact): Promise<Chart> {
    const key = `${artifact.digest} ${artifact.url}`;
    let download = this.#downloads.get(key);
    if (!download) {
      download = this.#read(artifact).finally(() => this.#downloads.delete(key));
      this.#downloads.set(key, download);
    }
    return download;
  }

  async #read(artifact: Artifact): Promise<Chart> {
    const { digest } = artifact;
    const archive = await this.#fetch(artifact);
    const entry = this.#entries.get(digest) ?? { chart: loadChartArchive(archive), bytes: archive.length };
    this.#keep(digest, entry);
    // a failure is for those who wait now; the next one tries again
    entry.chart.catch(() => this.#entries.get(digest) === entry && this.#entries.delete(digest));
    return entry.chart;
  }

  /** As the newest. */
  #keep(digest: string, entry: Entry): void {
    this.#entries.delete(digest);
    this.#entries.set(digest, entry);
    this.#trim();
  }

  #trim(): void {
    let total = [...this.#entries.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [key, { bytes }] of this.#entries) {
      if (total <= this.#options.maxBytes) return;
      if (this.#entries.size === 1) return;
      this.#entries.delete(key);
      total -= bytes;
    }
  }

  async #fetch(artifact: Artifact): Promise<Uint8Array> {
    const { retries } = this.#options;
    const policy = { retries, minMs: 5_000, maxMs: 30_000, signal: this.#closing.signal };
    const outcome = await withRetries(() => this.#attempt(artifact), policy);
    if ('value' in outcome) return outcome.value;
    const cause = outcome.retry;
    const reason = cause instanceof Error ? `: ${cause.message}` : '';
    throw new ChartFetchError(`GET ${artifact.url} giving up after ${retries + 1} attempt(s)${reason}`, { cause });
  }

  async #attempt(artifact: Artifact): Promise<{ value: Uint8Array } | { retry: unknown; afterMs?: number }> {
    const { timeoutMs, environment = process.env } = this.#options;
    const url = overrideHost(artifact.url, localhostOverride(artifact.url, environment));
    try {
      const response = await this.#client.bytes(url, {
        timeoutMs,
        maxBytes: maxArchiveBytes,
        signal: this.#closing.signal,
      });
      const { status, statusText, headers, body } = response;
      if (status === 200) return { value: await verified(body, artifact.digest) };
      if (status === 404) throw new ArchiveNotFoundError('artifact not found');
      const problem = new ChartFetchError(
        `failed to download chart from '${url}' (status: ${`${status} ${statusText}`.trim()})`,
      );
      if (status !== 429 && (status < 500 || status === 501)) throw problem;
      const seconds = Number(headers['retry-after']);
      return { retry: problem, ...(seconds > 0 ? { afterMs: seconds * 1000 } : {}) };
    } catch (error) {
      if (error instanceof HttpError && (error.failure === 'connection' || error.failure === 'timeout')) {
        return { retry: error };
      }
      throw error;
    }
  }
}

async function verified(body: Uint8Array, digest: string): Promise<Uint8Array> {
  try {
    if (!digest.includes(':')) throw new DigestError('invalid checksum digest format');
    const { algorithm, hex } = parseDigest(digest);
    const stream = await createDigest(algorithm);
    stream.update(body);
    if (digestsEqual(stream.digest(), `${algorithm}:${hex}`)) return body;
  } catch (cause) {
    if (!(cause instanceof DigestError)) throw cause;
    throw new ChartFetchError(`failed to parse digest '${digest}': ${cause.message}`, { cause });
  }
  throw new ChartFetchError(`integrity failure: computed digest doesn't match '${digest}'`);
}
