import type { Artifact } from '@flux/api';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { createHttpClient, downloadArchive, type HttpClient, localhostOverride } from '@flux/http';
import { orAborted } from '@flux/runtime';
import type { ArtifactFiles } from '../kustomization/deps.ts';

interface ArtifactCacheOptions {
  /** `--http-retry`. */
  retries: number;
  environment?: Readonly<Record<string, string | undefined>>;
}

interface Entry {
  directory: Promise<TemporaryDirectory>;
  users: number;
  timer: NodeJS.Timeout | undefined;
}

/** Kustomizations of one source are reconciled together, so that its files are kept for a moment. */
const lingerMs = 10_000;

/** Fetches artifacts; users of one artifact at the same time share its files, which nobody changes (KUS-SRC-05..08). */
export class ArtifactCache implements AsyncDisposable {
  readonly #options: ArtifactCacheOptions;
  readonly #client: HttpClient = createHttpClient();
  readonly #entries = new Map<string, Entry>();

  constructor(options: ArtifactCacheOptions) {
    this.#options = options;
  }

  async fetch(artifact: Artifact, signal: AbortSignal): Promise<ArtifactFiles> {
    const key = `${artifact.digest ?? artifact.checksum ?? ''} ${artifact.url}`;
    const entry = this.#enter(key, artifact);
    try {
      // the download goes on for others who wait for it
      const { path } = await orAborted(entry.directory, signal);
      return { root: path, [Symbol.asyncDispose]: async () => this.#leave(key, entry) };
    } catch (error) {
      this.#leave(key, entry);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const entry of entries) {
      clearTimeout(entry.timer);
      await removeDirectory(entry);
    }
    await this.#client[Symbol.asyncDispose]();
  }

  #enter(key: string, artifact: Artifact): Entry {
    let entry = this.#entries.get(key);
    if (!entry) {
      const directory = this.#download(artifact);
      const created: Entry = { directory, users: 0, timer: undefined };
      // a failure is for those who wait now; the next one tries again
      directory.catch(() => this.#entries.get(key) === created && this.#entries.delete(key));
      this.#entries.set(key, created);
      entry = created;
    }
    clearTimeout(entry.timer);
    entry.users++;
    return entry;
  }

  #leave(key: string, entry: Entry): void {
    entry.users--;
    if (entry.users > 0) return;
    entry.timer = setTimeout(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      void removeDirectory(entry);
    }, lingerMs);
    entry.timer.unref();
  }

  async #download(artifact: Artifact): Promise<TemporaryDirectory> {
    const { retries, environment = process.env } = this.#options;
    const directory = await temporaryDirectory('kustomization');
    const override = localhostOverride(artifact.url, environment);
    const digest = artifact.digest ?? artifact.checksum;
    try {
      await downloadArchive({ url: artifact.url, ...(digest ? { digest } : {}) }, directory.path, {
        client: this.#client,
        retry: { retries, minMs: 5_000, maxMs: 30_000 },
        ...(override ? { localhostOverride: override } : {}),
      });
      return directory;
    } catch (error) {
      await directory[Symbol.asyncDispose]();
      throw error;
    }
  }
}

async function removeDirectory(entry: Entry): Promise<void> {
  const directory = await entry.directory.catch(() => undefined);
  await directory?.[Symbol.asyncDispose]();
}
