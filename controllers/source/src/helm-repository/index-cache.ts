import { createReadStream } from 'node:fs';
import type { Artifact } from '@flux/api';
import { loadRepositoryIndex, type RepositoryIndex } from '@flux/helm';
import type { ArtifactStorage } from '../storage/artifact-storage.ts';

export interface IndexCacheOptions {
  /** `--helm-cache-max-size`: how many indexes are kept. 0, the default, keeps what fits into `maxBytes`. */
  maxItems?: number;
  /** `--helm-cache-ttl`. Default 15 minutes. */
  ttlMs?: number;
  /** Limit of all indexes together where their number has none. Default 64 MiB. */
  maxBytes?: number;
  /** Hears of each look-up, for the metrics of SRC-MET-02. */
  onLookUp?: (event: 'cache_hit' | 'cache_miss', owner: { name: string; namespace: string }) => void;
  now?: () => number;
}

interface CachedIndex {
  index: RepositoryIndex;
  expiresAt: number;
}

/**
 * Indexes as HelmRepositories stored them, read once for all HelmCharts (SRC-HREPO-12). Expired ones go when the cache is next
 * used: nothing has to wake the process for that.
 */
export class IndexCache {
  readonly #maxItems: number;
  readonly #ttlMs: number;
  readonly #maxBytes: number;
  readonly #now: () => number;
  readonly #onLookUp: IndexCacheOptions['onLookUp'];
  /** By path of the artifact, the least recently used first. */
  readonly #items = new Map<string, CachedIndex>();
  readonly #reading = new Map<string, Promise<RepositoryIndex>>();

  constructor({ maxItems = 0, ttlMs = 900_000, maxBytes = 64 * 1024 * 1024, onLookUp, now }: IndexCacheOptions = {}) {
    this.#maxItems = maxItems;
    this.#ttlMs = ttlMs;
    this.#maxBytes = maxBytes;
    this.#now = now ?? Date.now;
    this.#onLookUp = onLookUp;
  }

  /** The index of an artifact; several callers at a time wait for one reading. */
  async get(
    artifact: Artifact,
    storage: ArtifactStorage,
    owner: { name: string; namespace: string },
  ): Promise<RepositoryIndex> {
    const { path } = artifact;
    this.#purge();
    const known = this.#items.get(path);
    this.#onLookUp?.(known ? 'cache_hit' : 'cache_miss', owner);
    if (known) {
      this.keep(path);
      return known.index;
    }
    const reading = this.#reading.get(path) ?? this.#read(path, storage.localPath(artifact));
    return reading;
  }

  /** Undefined, or why the index is not kept. */
  add(path: string, index: RepositoryIndex): string | undefined {
    this.#purge();
    if (this.#maxItems > 0 && !this.#items.has(path) && this.#items.size >= this.#maxItems) return 'Cache is full';
    this.#items.delete(path);
    this.#items.set(path, { index, expiresAt: this.#now() + this.#ttlMs });
    if (this.#maxItems === 0) this.#evict();
    return undefined;
  }

  /** The index is in use: its time begins again. */
  keep(path: string): void {
    const item = this.#items.get(path);
    if (!item) return;
    this.#items.delete(path);
    this.#items.set(path, { ...item, expiresAt: this.#now() + this.#ttlMs });
  }

  forget(path: string): void {
    this.#items.delete(path);
  }

  async #read(path: string, file: string): Promise<RepositoryIndex> {
    const reading = readIndexFile(file);
    this.#reading.set(path, reading);
    try {
      const index = await reading;
      this.add(path, index);
      return index;
    } finally {
      this.#reading.delete(path);
    }
  }

  #purge(): void {
    const now = this.#now();
    for (const [path, { expiresAt }] of this.#items) if (expiresAt <= now) this.#items.delete(path);
  }

  #evict(): void {
    let bytes = 0;
    for (const [path, { index }] of [...this.#items].reverse()) {
      bytes += index.storedBytes;
      if (bytes > this.#maxBytes) this.#items.delete(path);
    }
  }
}

/** Reads an index from a file, in a stream. The limit was that of its download; what is stored may be longer. */
export function readIndexFile(file: string): Promise<RepositoryIndex> {
  return loadRepositoryIndex(() => createReadStream(file), { maxBytes: Number.POSITIVE_INFINITY });
}
