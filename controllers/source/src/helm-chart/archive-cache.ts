import { orAborted } from '@flux/runtime';

interface Shared {
  archive: Promise<Uint8Array>;
  /** Of the one who loads it. */
  signal: AbortSignal;
  bytes: number;
}

export interface ArchiveCacheOptions {
  /** How long an archive is shared. Default a minute: the releases of a chart mostly come together. */
  ttlMs?: number;
  /** Of all archives together. Default 16 MiB. */
  maxBytes?: number;
}

/**
 * Packaged charts that several HelmCharts ask for at about the same time: each release of a chart has a HelmChart of its own.
 * The key has to name the bytes, for instance by the digest in the index.
 */
export class ArchiveCache {
  readonly #ttlMs: number;
  readonly #maxBytes: number;
  readonly #shared = new Map<string, Shared>();
  readonly #checked = new WeakSet<Uint8Array>();

  constructor({ ttlMs = 60_000, maxBytes = 16 * 1024 * 1024 }: ArchiveCacheOptions = {}) {
    this.#ttlMs = ttlMs;
    this.#maxBytes = maxBytes;
  }

  /**
   * The archive, from whoever loads it first; what cannot be loaded is not kept. When that one gives up, the next one of those
   * who wait loads it.
   */
  async share(key: string, load: () => Promise<Uint8Array>, signal: AbortSignal): Promise<Uint8Array> {
    const known = this.#shared.get(key);
    if (!known) return this.#load(key, load, signal);
    try {
      return await orAborted(known.archive, signal);
    } catch (error) {
      if (signal.aborted || !known.signal.aborted) throw error;
      return this.share(key, load, signal);
    }
  }

  #load(key: string, load: () => Promise<Uint8Array>, signal: AbortSignal): Promise<Uint8Array> {
    const entry: Shared = { archive: load(), bytes: 0, signal };
    this.#shared.set(key, entry);
    const forget = () => this.#shared.get(key) === entry && this.#shared.delete(key);
    entry.archive.then(({ length }) => {
      entry.bytes = length;
      this.#evict();
      setTimeout(forget, this.#ttlMs).unref();
    }, forget);
    return entry.archive;
  }

  /** The next one who asks loads it again. */
  forget(key: string): void {
    this.#shared.delete(key);
  }

  /** Runs a check of an archive unless the same one has passed it. */
  async check(archive: Uint8Array, check: (archive: Uint8Array) => Promise<void>): Promise<void> {
    if (this.#checked.has(archive)) return;
    await check(archive);
    this.#checked.add(archive);
  }

  #evict(): void {
    let total = [...this.#shared.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [key, { bytes }] of this.#shared) {
      if (total <= this.#maxBytes) return;
      this.#shared.delete(key);
      total -= bytes;
    }
  }
}
