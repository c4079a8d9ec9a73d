import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import type { Logger } from './log.ts';
import { ObjectStore } from './object-store.ts';
import { orAborted } from './or-aborted.ts';
import { Reflector } from './reflector.ts';
import { type Change, type Indexer, type KindRef, keyOf, type ObjectView, type WatchSelection } from './watch-cache.ts';

interface SharedViewOptions {
  cluster: Cluster;
  kind: KindRef;
  selection: WatchSelection;
  log: Logger;
  /** How long the watch outlives its last user. */
  lingerMs: number;
  onClosed(): void;
}

/** One list+watch and its store, shared by all views of a kind and selection. */
export class SharedView {
  readonly store: ObjectStore;
  readonly #options: SharedViewOptions;
  readonly #closing = new AbortController();
  readonly #finished: Promise<void>;
  readonly #syncedSignal = Promise.withResolvers<void>();
  #isSynced = false;
  #users = 0;
  #linger: NodeJS.Timeout | undefined;

  constructor(options: SharedViewOptions) {
    this.#options = options;
    this.store = new ObjectStore((error) => options.log.error(error, 'a listener of a watch failed'));
    const reflector = new Reflector({
      cluster: options.cluster,
      kind: options.kind,
      selection: options.selection,
      log: options.log,
      signal: this.#closing.signal,
      target: {
        replaceAll: (objects) => this.store.replaceAll(objects),
        put: (object) => this.store.put(object, false),
        remove: (object) => this.store.remove(keyOf(object), object, false),
      },
      onSynced: () => {
        this.#isSynced = true;
        this.#syncedSignal.resolve();
      },
    });
    this.#finished = reflector.run();
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  synced(signal?: AbortSignal): Promise<void> {
    return orAborted(this.#syncedSignal.promise, signal);
  }

  /** Joins; the watch stays at least until the view is disposed. */
  open<T extends KubeObject>(): ObjectView<T> {
    clearTimeout(this.#linger);
    this.#users += 1;
    return new JoinedView<T>(this, () => this.#leave());
  }

  async close(): Promise<void> {
    clearTimeout(this.#linger);
    this.#closing.abort();
    await this.#finished;
  }

  #leave(): void {
    this.#users -= 1;
    if (this.#users > 0 || this.#closing.signal.aborted) return;
    this.#linger = setTimeout(() => {
      this.#options.onClosed();
      void this.close();
    }, this.#options.lingerMs);
    this.#linger.unref();
  }
}

class JoinedView<T extends KubeObject> implements ObjectView<T> {
  readonly #shared: SharedView;
  readonly #leave: () => void;
  readonly #subscriptions = new Set<Disposable>();
  #isDisposed = false;

  constructor(shared: SharedView, leave: () => void) {
    this.#shared = shared;
    this.#leave = leave;
  }

  get(key: string): T | undefined {
    return this.#shared.store.get(key) as T | undefined;
  }

  list(): readonly T[] {
    return this.#shared.store.list() as T[];
  }

  byIndex(index: string, value: string): readonly T[] {
    return this.#shared.store.byIndex(index, value) as T[];
  }

  addIndex(index: string, indexer: Indexer<T>): void {
    this.#shared.store.addIndex(index, (object) => indexer(object as T));
  }

  subscribe(listener: (change: Change<T>) => void, options: { replay?: boolean } = {}): Disposable {
    const subscription = this.#shared.store.subscribe((change) => listener(change as Change<T>));
    this.#subscriptions.add(subscription);
    if (options.replay)
      for (const object of this.list()) listener({ type: 'added', after: object, object, initial: true });
    return {
      [Symbol.dispose]: () => {
        subscription[Symbol.dispose]();
        this.#subscriptions.delete(subscription);
      },
    };
  }

  get isSynced(): boolean {
    return this.#shared.isSynced;
  }

  synced(signal?: AbortSignal): Promise<void> {
    return this.#shared.synced(signal);
  }

  acknowledge(object: T): void {
    this.#shared.store.acknowledge(object);
  }

  [Symbol.dispose](): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    this.#leave();
  }
}
