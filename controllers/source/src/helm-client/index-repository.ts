import { chartUrl, type RepositoryIndex, selectChartVersion } from '@flux/helm';
import type { HttpClient } from '@flux/http';
import type { ChartRepository, OfferedChart } from './chart-repository.ts';
import { DownloadError, downloadArchive, openClient } from './download.ts';
import type { HelmAccess } from './helm-access.ts';

interface IndexRepositoryOptions {
  access: HelmAccess;
  /** Called when a chart is looked up. */
  loadIndex(): Promise<RepositoryIndex>;
  maxChartBytes: number;
  signal: AbortSignal;
}

/** Charts of a repository with an index (SRC-HCHART-09, SRC-HCHART-11). */
export class IndexRepository implements ChartRepository {
  readonly #options: IndexRepositoryOptions;
  #client: HttpClient | undefined;

  constructor(options: IndexRepositoryOptions) {
    this.#options = options;
  }

  async find(name: string, version: string): Promise<OfferedChart> {
    const entry = selectChartVersion(await this.#options.loadIndex(), name, version);
    const hasUrl = (entry.urls?.length ?? 0) > 0;
    const { name: found, version: newest, digest } = entry;
    const url = hasUrl ? chartUrl(entry, this.#options.access.url) : '';
    return { name: found, version: newest, url, ...(digest ? { digest } : {}) };
  }

  async download({ name, url }: OfferedChart): Promise<Uint8Array> {
    const { access, maxChartBytes: maxBytes, signal } = this.#options;
    if (url === '') throw new DownloadError(`chart '${name}' has no downloadable URLs`);
    this.#client ??= openClient(access);
    return downloadArchive(this.#client, access, url, { maxBytes, signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client?.[Symbol.asyncDispose]();
  }
}
