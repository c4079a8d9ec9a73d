import type { Artifact } from '@flux/api';
import { indexFile, loadRepositoryIndex, type RepositoryIndex } from '@flux/helm';
import type { Metrics } from '@flux/runtime';
import { withFrugalMemory } from '../frame/frugal-memory.ts';
import type { ArtifactStorage } from '../storage/artifact-storage.ts';

export interface IndexCacheOptions {
  /** `--helm-cache-max-size`: how many indexes are kept. 0, the default, keeps what fits into `maxBytes`. */
  maxItems?: number;
  /** `--helm-cache-ttl`. Default 15 minutes. */
  ttlMs?: number;
  /** Limit of all indexes together where their number has none. Default 64 MiB. */
  maxBytes?: number;
  observer?: IndexCacheObserver;
  now?: () => number;
}

/** Who looked an index up: the HelmRepository, or the HelmChart that asks for a dependency. */
export interface IndexUser {
  name: string;
  namespace: string;
}

/** Hears of look-ups, for metrics. */
export interface IndexCacheObserver {
  lookedUp(event: 'cache_hit' | 'cache_miss', user: IndexUser): void;
  forgotten(user: IndexUser): void;
}

/** Counts look-ups as source-controller does (SRC-MET-02). */
export function indexCacheMetrics(metrics: Metrics): IndexCacheObserver {
  const counter = metrics.counter({
    name: 'gotk_cache_events_total',
    help: 'Total number of cache retrieval events for a Gitops Toolkit resource reconciliation.',
    labels: ['event_type', 'name', 'namespace'],
  });
  const labels = (event: string, { name, namespace }: IndexUser) => ({ event_type: event, name, namespace });
  return {
    lookedUp: (event, user) => counter.add(labels(event, user)),
    forgotten(user) {
      for (const event of ['cache_hit', 'cache_miss']) counter.remove(labels(event, user));
    },
  };
}

interface CachedIndex {
  index: RepositoryIndex;
  expiresAt: number;
}

/**
 * Indexes as HelmRepositories stored them, read once for all HelmCharts (SRC-HREPO-12). Expired ones go when the cache is next
 * used or purged.
 */
export class IndexCache {
  readonly #maxItems: number;
  readonly #ttlMs: number;
  readonly #maxBytes: number;
  readonly #now: () => number;
  readonly #observer: IndexCacheObserver | undefined;
  /** By path of the artifact, the least recently used first. */
  readonly #items = new Map<string, CachedIndex>();
  readonly #reading = new Map<string, Promise<RepositoryIndex>>();

  constructor({ maxItems = 0, ttlMs = 900_000, maxBytes = 64 * 1024 * 1024, observer, now }: IndexCacheOptions = {}) {
    this.#maxItems = maxItems;
    this.#ttlMs = ttlMs;
    this.#maxBytes = maxBytes;
    this.#now = now ?? Date.now;
    this.#observer = observer;
  }

  /** The index of an artifact; several callers at a time wait for one reading. */
  async get(artifact: Artifact, storage: ArtifactStorage, user: IndexUser): Promise<RepositoryIndex> {
    const { path } = artifact;
    this.purge();
    const known = this.#items.get(path);
    this.#observer?.lookedUp(known ? 'cache_hit' : 'cache_miss', user);
    if (known) {
      this.keep(path);
      return known.index;
    }
    const reading = this.#reading.get(path) ?? this.#read(path, storage.localPath(artifact));
    return reading;
  }

  /** Undefined, or why the index is not kept. */
  add(path: string, index: RepositoryIndex): string | undefined {
    this.purge();
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

  /** A HelmRepository is gone. */
  forgetUser(user: IndexUser): void {
    this.#observer?.forgotten(user);
  }

  /** Drops what has expired; done on each use too. */
  purge(): void {
    const now = this.#now();
    for (const [path, { expiresAt }] of this.#items) if (expiresAt <= now) this.#items.delete(path);
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

  #evict(): void {
    let bytes = 0;
    for (const [path, { index }] of [...this.#items].reverse()) {
      bytes += index.storedBytes;
      if (bytes > this.#maxBytes) this.#items.delete(path);
    }
  }
}

/** Reads an index from a file, in a stream. The limit was that of its download; what is stored may be longer. */
export function readIndexFile(path: string): Promise<RepositoryIndex> {
  return withFrugalMemory(() => loadRepositoryIndex(indexFile(path), { maxBytes: Number.POSITIVE_INFINITY }));
}
