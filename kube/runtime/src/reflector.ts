import { isExpired, isNotFound, type KubeObject, type Status, StatusError } from '@flux/apimachinery';
import { type Cluster, type ListOptions, listAll, type WatchEvent } from '@flux/client';
import { Backoff, pause } from './backoff.ts';
import { collectGarbage } from './collect-garbage.ts';
import type { Logger } from './log.ts';
import type { KindRef, WatchSelection } from './watch-cache.ts';

/** What a reflector tells the store. */
interface ReflectorTarget {
  replaceAll(objects: readonly KubeObject[]): void;
  put(object: KubeObject): void;
  remove(object: KubeObject): void;
}

interface ReflectorOptions {
  cluster: Cluster;
  kind: KindRef;
  selection: WatchSelection;
  target: ReflectorTarget;
  log: Logger;
  signal: AbortSignal;
  /** How a collection's state is read before watching it. Default: a complete list in pages. */
  prime?: (signal: AbortSignal) => Promise<{ resourceVersion: string }>;
  /** Called after each complete prime, also when the kind is not served at all. */
  onSynced(): void;
  /** Called when the server refuses the watch for good (403); the reflector then ends. */
  onForbidden?: (error: StatusError) => void;
}

/** Half of what client-go asks for: less to hold at a time. */
const pageSize = 250;
const objectsBetweenCollections = 2000;
const minWatchSeconds = 300;
/** A watch that the server should have ended by now is dead, and is opened anew. */
const graceSeconds = 30;

/**
 * List, then watch, for ever: the watch resumes at the last seen resourceVersion, bookmarks move it on, 410 lists again,
 * failures back off up to 30 s.
 */
export class Reflector {
  readonly #options: ReflectorOptions;
  readonly #backoff = new Backoff({ minMs: 200, maxMs: 30_000, jitter: 0.3 });
  #resourceVersion: string | undefined;

  constructor(options: ReflectorOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion === undefined) await this.#prime();
        await this.#watchOnce();
      } catch (error) {
        if (signal.aborted) return;
        const next = this.#recover(error);
        if (next === 'end') return;
        const ms = Math.max(this.#backoff.next(), retryAfterMs(error));
        if (next === 'later') await pause(ms, signal);
      }
    }
  }

  async #prime(): Promise<void> {
    const { signal, prime, onSynced } = this.#options;
    this.#resourceVersion = prime ? (await prime(signal)).resourceVersion : await this.#listAll();
    onSynced();
  }

  async #listAll(): Promise<string> {
    const { cluster, kind, selection, signal, target } = this.#options;
    let read = 0;
    const keep = (object: KubeObject) => {
      read += 1;
      if (read % objectsBetweenCollections === 0) collectGarbage();
      return trimObject(object, selection);
    };
    const { items, metadata } = await listAll(cluster, kind, { ...listOptions(selection), pageSize, signal, keep });
    target.replaceAll(items);
    return metadata.resourceVersion;
  }

  async #watchOnce(): Promise<void> {
    const { cluster, kind, selection, signal } = this.#options;
    const timeoutSeconds = Math.round(minWatchSeconds * (1 + Math.random()));
    using dead = deadline((timeoutSeconds + graceSeconds) * 1000);
    const startedAt = performance.now();
    let count = 0;
    const events = cluster.watch(kind, {
      ...listOptions(selection),
      ...(this.#resourceVersion === undefined ? {} : { resourceVersion: this.#resourceVersion }),
      allowWatchBookmarks: true,
      timeoutSeconds,
      signal: AbortSignal.any([signal, dead.signal]),
    });
    for await (const event of events) {
      this.#accept(event);
      count += 1;
      this.#backoff.reset();
    }
    // A server or proxy that ends each watch at once must not be asked in a tight loop.
    if (count === 0 && performance.now() - startedAt < 1000) await pause(this.#backoff.next(), signal);
  }

  #accept(event: WatchEvent): void {
    const { target, selection } = this.#options;
    if (event.type === 'ERROR') throw new StatusError(event.object as Status);
    const { object } = event;
    if (event.type === 'BOOKMARK') {
      // only its resourceVersion counts
    } else if (event.type === 'DELETED') target.remove(trimObject(object, selection));
    else target.put(trimObject(object, selection));
    this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
  }

  #recover(error: unknown): 'now' | 'later' | 'end' {
    const { kind, target, log, onSynced, onForbidden } = this.#options;
    const fields = { watchedKind: kind.kind, watchedApiVersion: kind.apiVersion };
    if (isExpired(error)) {
      log.debug('watch is too old, listing again', fields);
      this.#resourceVersion = undefined;
      return this.#backoff.failures === 0 ? 'now' : 'later';
    }
    if (isUnserved(error)) {
      this.#resourceVersion = undefined;
      target.replaceAll([]);
      onSynced();
      log.debug('kind is not served, trying again later', fields);
      return 'later';
    }
    if (onForbidden && error instanceof StatusError && error.statusCode === 403) {
      onForbidden(error);
      return 'end';
    }
    // One cut is nothing to report; the store stays as it is meanwhile.
    if (this.#backoff.failures >= 2) log.error(error, 'watch failed, trying again', fields);
    return 'later';
  }
}

/** What an overloaded server asks for, up to a minute. */
function retryAfterMs(error: unknown): number {
  const seconds = error instanceof StatusError ? Number(error.status.details?.retryAfterSeconds ?? 0) : 0;
  return Math.min(seconds * 1000, 60_000);
}

/** The kind is not known to the server (any more). */
export function isUnserved(error: unknown): boolean {
  return isNotFound(error) || (error as { code?: unknown }).code === 'NO_KIND_MATCH';
}

function listOptions({ namespace, labelSelector, fieldSelector, metadataOnly }: WatchSelection): ListOptions {
  return {
    ...(namespace ? { namespace } : {}),
    ...(labelSelector ? { labelSelector } : {}),
    ...(fieldSelector ? { fieldSelector } : {}),
    ...(metadataOnly ? { metadataOnly } : {}),
  };
}

/** Drops what no reader of a cache needs: managedFields, and all content of a metadata-only watch. */
export function trimObject(object: KubeObject, selection: WatchSelection): KubeObject {
  delete object.metadata.managedFields;
  if (!selection.metadataOnly) return object;
  return { apiVersion: object.apiVersion, kind: object.kind, metadata: object.metadata };
}

function deadline(ms: number): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  timer.unref();
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}
