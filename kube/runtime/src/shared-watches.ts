import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { type Logger, silentLog } from './log.ts';
import { ObjectObserver, waitFor } from './object-observer.ts';
import type { ObjectListener } from './observed-kind.ts';
import { SharedView } from './shared-view.ts';
import { type KindRef, keyOf, type ObjectView, type WatchCache, type WatchSelection } from './watch-cache.ts';

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

  peek<T extends KubeObject = KubeObject>(ref: ObjectRef): { object: T | undefined } | undefined {
    const shared = this.#wholeKind(ref);
    return shared && { object: shared.store.get(keyOfRef(ref)) as T | undefined };
  }

  observe(ref: ObjectRef, listener: ObjectListener, { mayLag = false } = {}): Disposable {
    const shared = mayLag ? this.#wholeKind(ref) : undefined;
    return shared ? this.#observeIn(shared.open(), ref, listener) : this.#observer.observe(ref, listener);
  }

  waitFor(
    ref: ObjectRef,
    predicate: (object: KubeObject | undefined) => boolean,
    signal: AbortSignal,
  ): Promise<KubeObject | undefined> {
    return waitFor(this.#observer, ref, predicate, signal);
  }

  /** The watch of all that an object is among, if it is open and up to date. */
  #wholeKind({ apiVersion, kind }: ObjectRef): SharedView | undefined {
    const shared = this.#views.get(viewKey({ apiVersion, kind }, {}));
    return shared?.isSynced ? shared : undefined;
  }

  /** Through a watch that is open anyway. */
  #observeIn(view: ObjectView, ref: ObjectRef, listener: ObjectListener): Disposable {
    const key = keyOfRef(ref);
    let isOpen = true;
    const tell = (object: KubeObject | undefined) => {
      try {
        if (isOpen) listener(object);
      } catch (error) {
        this.#log.error(error, 'a listener of an observed object failed');
      }
    };
    view.subscribe(({ object, after }) => keyOf(object) === key && tell(after));
    queueMicrotask(() => tell(view.get(key)));
    return {
      [Symbol.dispose]: () => {
        isOpen = false;
        view[Symbol.dispose]();
      },
    };
  }

  async close(): Promise<void> {
    const views = [...this.#views.values()];
    this.#views.clear();
    await Promise.all([this.#observer.close(), ...views.map((view) => view.close())]);
  }
}

function keyOfRef({ name, namespace }: ObjectRef): string {
  return namespace ? `${namespace}/${name}` : name;
}

function viewKey(kind: KindRef, selection: WatchSelection): string {
  const { namespace = '', labelSelector = '', fieldSelector = '', metadataOnly = false } = selection;
  return JSON.stringify([kind.apiVersion, kind.kind, namespace, labelSelector, fieldSelector, metadataOnly]);
}
