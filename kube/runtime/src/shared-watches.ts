import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { type Logger, silentLog } from './log.ts';
import { ObjectObserver, waitFor } from './object-observer.ts';
import type { ObjectListener } from './observed-kind.ts';
import { SharedView } from './shared-view.ts';
import type { KindRef, ObjectView, WatchCache, WatchSelection } from './watch-cache.ts';

export interface WatchCacheOptions {
  log?: Logger;
  /** How long a watch stays open after its last user left. Default 60 s. */
  lingerMs?: number;
  /** How often an observed object is read where it may not be watched. Default 2 s. */
  pollMs?: number;
}

/** The shared watches of a cluster connection. Nothing is opened before the first use. */
export function createWatchCache(cluster: Cluster, options: WatchCacheOptions = {}): WatchCache {
  return new SharedWatches(cluster, options);
}

class SharedWatches implements WatchCache {
  readonly #cluster: Cluster;
  readonly #log: Logger;
  readonly #lingerMs: number;
  readonly #views = new Map<string, SharedView>();
  readonly #observer: ObjectObserver;

  constructor(cluster: Cluster, options: WatchCacheOptions) {
    this.#cluster = cluster;
    this.#log = options.log ?? silentLog;
    this.#lingerMs = options.lingerMs ?? 60_000;
    this.#observer = new ObjectObserver({
      cluster,
      log: this.#log,
      lingerMs: this.#lingerMs,
      pollMs: options.pollMs ?? 2000,
    });
  }

  view<T extends KubeObject = KubeObject>(kind: KindRef, selection: WatchSelection = {}): ObjectView<T> {
    const key = viewKey(kind, selection);
    let shared = this.#views.get(key);
    if (!shared) {
      shared = new SharedView({
        cluster: this.#cluster,
        kind,
        selection,
        log: this.#log,
        lingerMs: this.#lingerMs,
        onClosed: () => this.#views.delete(key),
      });
      this.#views.set(key, shared);
    }
    return shared.open<T>();
  }

  observe(ref: ObjectRef, listener: ObjectListener): Disposable {
    return this.#observer.observe(ref, listener);
  }

  waitFor(
    ref: ObjectRef,
    predicate: (object: KubeObject | undefined) => boolean,
    signal: AbortSignal,
  ): Promise<KubeObject | undefined> {
    return waitFor(this.#observer, ref, predicate, signal);
  }

  async close(): Promise<void> {
    const views = [...this.#views.values()];
    this.#views.clear();
    await Promise.all([this.#observer.close(), ...views.map((view) => view.close())]);
  }
}

function viewKey(kind: KindRef, selection: WatchSelection): string {
  const { namespace = '', labelSelector = '', fieldSelector = '', metadataOnly = false } = selection;
  return JSON.stringify([kind.apiVersion, kind.kind, namespace, labelSelector, fieldSelector, metadataOnly]);
}
