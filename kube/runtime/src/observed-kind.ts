import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { pause } from './backoff.ts';
import type { Logger } from './log.ts';
import { isUnserved, Reflector, trimObject } from './reflector.ts';
import { isOlder } from './resource-version.ts';
import { type KindRef, keyOf } from './watch-cache.ts';

/** Told the state of an object: `undefined` when it does not exist; with `error`, its state cannot be read just now. */
export type ObjectListener = (object: KubeObject | undefined, error?: Error) => void;

interface Entry {
  ref: ObjectRef;
  listeners: Set<ObjectListener>;
  /** Whether the state has been told to the listeners. */
  isKnown: boolean;
  object: KubeObject | undefined;
  /** The newest state seen, also when that was the last one before deletion. */
  newest: KubeObject | undefined;
  /** Counts what the watch said, so that an answer to an older GET cannot undo it. */
  heard: number;
}

interface ObservedKindOptions {
  cluster: Cluster;
  kind: KindRef;
  /** Undefined watches the kind in all namespaces. */
  namespace: string | undefined;
  log: Logger;
  lingerMs: number;
  /** How often objects are read when the server does not let us watch them. */
  pollMs: number;
  onForbidden: (() => void) | undefined;
  onClosed(): void;
}

/** Above this many objects to read at once, one list is cheaper than single reads. */
const maxSingleReads = 25;

/**
 * Follows chosen objects of one kind through one watch. Of all that the watch delivers only the chosen objects are kept, so
 * that a large collection costs no memory; their present state is read by GET once the watch stands.
 */
export class ObservedKind {
  readonly #options: ObservedKindOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new AbortController();
  readonly #finished: Promise<void>;
  #unread = new Set<Entry>();
  #isWatching = false;
  #isReading = false;
  #linger: NodeJS.Timeout | undefined;

  constructor(options: ObservedKindOptions) {
    this.#options = options;
    this.#finished = this.#run();
  }

  observe(ref: ObjectRef, listener: ObjectListener): Disposable {
    clearTimeout(this.#linger);
    const key = entryKey(ref);
    let entry = this.#entries.get(key);
    if (!entry) {
      entry = { ref, listeners: new Set(), isKnown: false, object: undefined, newest: undefined, heard: 0 };
      this.#entries.set(key, entry);
      this.#unread.add(entry);
      if (this.#isWatching) this.#scheduleRead();
    }
    const known = entry;
    // A function of its own, for the same listener may observe an object twice.
    const own: ObjectListener = (object, error) => (error ? listener(object, error) : listener(object));
    known.listeners.add(own);
    if (known.isKnown) queueMicrotask(() => known.listeners.has(own) && this.#tell(own, known.object));
    return { [Symbol.dispose]: () => this.#forget(key, known, own) };
  }

  async close(): Promise<void> {
    clearTimeout(this.#linger);
    this.#closing.abort();
    await this.#finished;
  }

  async #run(): Promise<void> {
    const { cluster, kind, namespace, log, onForbidden } = this.#options;
    const { signal } = this.#closing;
    let isForbidden = false;
    await new Reflector({
      cluster,
      kind,
      selection: namespace === undefined ? {} : { namespace },
      log,
      signal,
      target: {
        replaceAll: () => {
          for (const entry of this.#entries.values()) this.#hear(entry, undefined);
        },
        put: (object) => this.#heard(object, object),
        remove: (object) => this.#heard(object, undefined),
      },
      prime: async () => ({ resourceVersion: await this.#currentVersion() }),
      onSynced: () => this.#startReading(),
      onForbidden: () => {
        isForbidden = true;
      },
    }).run();
    if (!isForbidden) return;
    if (onForbidden) onForbidden();
    else await this.#poll();
  }

  /** The version of the collection, without the collection. */
  async #currentVersion(): Promise<string> {
    const { cluster, kind, namespace } = this.#options;
    const page = await cluster.list(kind, {
      limit: 1,
      signal: this.#closing.signal,
      ...(namespace ? { namespace } : {}),
    });
    return page.metadata.resourceVersion;
  }

  #startReading(): void {
    this.#isWatching = true;
    this.#unread = new Set(this.#entries.values());
    this.#scheduleRead();
  }

  #scheduleRead(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    queueMicrotask(() => void this.#readUnread());
  }

  async #readUnread(): Promise<void> {
    const { signal } = this.#closing;
    while (this.#unread.size > 0 && !signal.aborted) {
      const batch = [...this.#unread];
      this.#unread.clear();
      try {
        if (batch.length > maxSingleReads) await this.#readByList(batch);
        else await Promise.all(batch.map((entry) => this.#readOne(entry)));
      } catch (error) {
        this.#reportUnreadable(error);
        await pause(this.#options.pollMs, signal);
        for (const entry of batch) if (entry.listeners.size > 0) this.#unread.add(entry);
      }
    }
    this.#isReading = false;
  }

  async #readOne(entry: Entry): Promise<void> {
    const heardBefore = entry.heard;
    const object = await this.#find(entry.ref);
    this.#read(entry, object, heardBefore);
  }

  /** An object of a kind that is not served does not exist. */
  async #find(ref: ObjectRef): Promise<KubeObject | undefined> {
    try {
      return await this.#options.cluster.find(ref, { signal: this.#closing.signal });
    } catch (error) {
      if (isUnserved(error)) return undefined;
      throw error;
    }
  }

  async #readByList(batch: readonly Entry[]): Promise<void> {
    const { cluster, kind, namespace } = this.#options;
    const heardBefore = new Map(batch.map((entry) => [entry, entry.heard]));
    const unseen = new Set(batch);
    let next: string | undefined;
    do {
      const page = await cluster.list(kind, {
        limit: 500,
        signal: this.#closing.signal,
        ...(namespace ? { namespace } : {}),
        ...(next ? { continue: next } : {}),
      });
      for (const object of page.items) {
        const entry = this.#entries.get(keyOf(object));
        if (entry && unseen.delete(entry)) this.#read(entry, object, heardBefore.get(entry) ?? 0);
      }
      next = page.metadata.continue || undefined;
    } while (next);
    for (const entry of unseen) this.#read(entry, undefined, heardBefore.get(entry) ?? 0);
  }

  #read(entry: Entry, object: KubeObject | undefined, heardBefore: number): void {
    const isNewer = object && (!entry.newest || isOlder(entry.newest, object));
    if (entry.heard !== heardBefore && !isNewer) return;
    if (object && entry.isKnown && !isNewer) return;
    this.#set(entry, object ? trimObject(object, {}) : undefined);
  }

  #heard(object: KubeObject, state: KubeObject | undefined): void {
    const entry = this.#entries.get(keyOf(object));
    if (!entry || (state && entry.newest && !isOlder(entry.newest, object))) return;
    entry.newest = object;
    this.#hear(entry, state);
  }

  #hear(entry: Entry, state: KubeObject | undefined): void {
    entry.heard += 1;
    this.#set(entry, state);
  }

  #set(entry: Entry, object: KubeObject | undefined): void {
    const isUnchanged = entry.isKnown && entry.object === undefined && object === undefined;
    entry.isKnown = true;
    entry.object = object;
    entry.newest = object ?? entry.newest;
    if (!isUnchanged) for (const listener of entry.listeners) this.#tell(listener, object);
  }

  #reportUnreadable(cause: unknown): void {
    if (this.#closing.signal.aborted) return;
    const error = cause instanceof Error ? cause : new Error(String(cause));
    this.#options.log.debug('observed objects cannot be read, trying again', { error: error.message });
    for (const entry of this.#entries.values()) {
      if (!entry.isKnown) for (const listener of entry.listeners) this.#tell(listener, undefined, error);
    }
  }

  #tell(listener: ObjectListener, object: KubeObject | undefined, error?: Error): void {
    try {
      if (error) listener(object, error);
      else listener(object);
    } catch (failure) {
      this.#options.log.error(failure, 'a listener of an observed object failed');
    }
  }

  #forget(key: string, entry: Entry, listener: ObjectListener): void {
    entry.listeners.delete(listener);
    if (entry.listeners.size > 0 || this.#entries.get(key) !== entry) return;
    this.#entries.delete(key);
    this.#unread.delete(entry);
    if (this.#entries.size > 0 || this.#closing.signal.aborted) return;
    this.#linger = setTimeout(() => {
      this.#options.onClosed();
      void this.close();
    }, this.#options.lingerMs);
    this.#linger.unref();
  }

  async #poll(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const entries = [...this.#entries.values()];
      const results = await Promise.allSettled(entries.map((entry) => this.#readOne(entry)));
      const failure = results.find((result) => result.status === 'rejected');
      if (failure) this.#reportUnreadable(failure.reason);
      await pause(this.#options.pollMs, signal);
    }
  }
}

function entryKey(ref: ObjectRef): string {
  return ref.namespace ? `${ref.namespace}/${ref.name}` : ref.name;
}
