import type { KubeObject } from '@flux/apimachinery';
import { isOlder } from './resource-version.ts';
import { type Change, type Indexer, keyOf } from './watch-cache.ts';

type Listener = (change: Change) => void;

interface Index {
  indexer: Indexer<KubeObject>;
  keysByValue: Map<string, Set<string>>;
}

/** The objects of one watch by key, their indexes, and who wants to hear of changes. */
export class ObjectStore {
  readonly #objects = new Map<string, KubeObject>();
  readonly #indexes = new Map<string, Index>();
  readonly #listeners = new Set<Listener>();
  readonly #onListenerError: (error: unknown) => void;

  constructor(onListenerError: (error: unknown) => void) {
    this.#onListenerError = onListenerError;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): KubeObject | undefined {
    return this.#objects.get(key);
  }

  list(): KubeObject[] {
    return [...this.#objects.values()];
  }

  byIndex(name: string, value: string): KubeObject[] {
    const index = this.#indexes.get(name);
    if (!index) throw new Error(`there is no index ${name}`);
    const found: KubeObject[] = [];
    for (const key of index.keysByValue.get(value) ?? []) {
      const object = this.#objects.get(key);
      if (object) found.push(object);
    }
    return found;
  }

  addIndex(name: string, indexer: Indexer<KubeObject>): void {
    const index: Index = { indexer, keysByValue: new Map() };
    this.#indexes.set(name, index);
    for (const [key, object] of this.#objects) addToIndex(index, key, object);
  }

  subscribe(listener: Listener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  /** A state that a list or watch delivered. One that is older than what is known, or the same, changes nothing. */
  put(object: KubeObject, initial: boolean): void {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    if (before && !isOlder(before, object)) return;
    this.#replace(key, before, object);
    this.#emit(
      before
        ? { type: 'updated', before, after: object, object, initial }
        : { type: 'added', after: object, object, initial },
    );
  }

  /** The answer to an own write; taken only while the object is known, for its deletion may have been heard of first. */
  acknowledge(object: KubeObject): void {
    const before = this.#objects.get(keyOf(object));
    if (before && before.metadata.uid === object.metadata.uid) this.put(object, false);
  }

  remove(key: string, last: KubeObject | undefined, initial: boolean): void {
    const before = this.#objects.get(key);
    if (!before) return;
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) removeFromIndex(index, key, before);
    const object = last ?? before;
    this.#emit({ type: 'deleted', before, object, initial });
  }

  /** What a complete list says: the rest is gone. */
  replaceAll(objects: readonly KubeObject[]): void {
    const present = new Set(objects.map(keyOf));
    for (const key of [...this.#objects.keys()]) if (!present.has(key)) this.remove(key, undefined, true);
    for (const object of objects) this.put(object, true);
  }

  #replace(key: string, before: KubeObject | undefined, after: KubeObject): void {
    this.#objects.set(key, after);
    for (const index of this.#indexes.values()) {
      if (before) removeFromIndex(index, key, before);
      addToIndex(index, key, after);
    }
  }

  #emit(change: Change): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        this.#onListenerError(error);
      }
    }
  }
}

function addToIndex(index: Index, key: string, object: KubeObject): void {
  for (const value of index.indexer(object)) {
    let keys = index.keysByValue.get(value);
    if (!keys) {
      keys = new Set();
      index.keysByValue.set(value, keys);
    }
    keys.add(key);
  }
}

function removeFromIndex(index: Index, key: string, object: KubeObject): void {
  for (const value of index.indexer(object)) {
    const keys = index.keysByValue.get(value);
    keys?.delete(key);
    if (keys?.size === 0) index.keysByValue.delete(value);
  }
}
