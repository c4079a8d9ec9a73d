import type { KubeObject } from '@flux/apimachinery';
import { EventRing, type RingCapacity, type StoredEvent } from './event-ring.ts';

/** Receives the events of one resource in order, after they are durable. */
export type EventListener = (events: readonly StoredEvent[]) => void;

/** `namespace/name`, or the bare name for cluster-scoped objects. */
export function storageKey(namespace: string | undefined, name: string): string {
  return namespace ? `${namespace}/${name}` : name;
}

/** Keys sort as etcd's do: `a-b/x` comes before `a/x` because `-` is less than `/`. */
function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** All objects of one resource, sorted by key, and their latest changes. Values are frozen and shared, never copied. */
export class Bucket {
  readonly resource: string;
  readonly ring: EventRing;
  readonly listeners = new Set<EventListener>();
  readonly #objects = new Map<string, KubeObject>();
  readonly #keys: string[] = [];

  constructor(resource: string, revision: number, ringCapacity: RingCapacity) {
    this.resource = resource;
    this.ring = new EventRing(revision, ringCapacity);
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): KubeObject | undefined {
    return this.#objects.get(key);
  }

  set(key: string, object: KubeObject): void {
    if (!this.#objects.has(key)) this.#keys.splice(this.#position(key), 0, key);
    this.#objects.set(key, object);
  }

  delete(key: string): void {
    if (!this.#objects.delete(key)) return;
    this.#keys.splice(this.#position(key), 1);
  }

  /** Objects of a namespace (or of all), in key order, starting after `afterKey`. */
  *list(namespace?: string, afterKey?: string): Generator<[key: string, object: KubeObject]> {
    const prefix = namespace ? `${namespace}/` : '';
    // The iteration works on a copy of the range, since a consumer may write while it reads.
    for (const key of this.#range(prefix, afterKey)) {
      const object = this.#objects.get(key);
      if (object) yield [key, object];
    }
  }

  values(namespace?: string): KubeObject[] {
    if (!namespace) return this.#keys.map((key) => this.#objects.get(key)!);
    return this.#range(`${namespace}/`).map((key) => this.#objects.get(key)!);
  }

  /** The sorted contents as of an older revision; `undefined` when the ring no longer reaches back that far. */
  snapshotAt(revision: number): Map<string, KubeObject> | undefined {
    const events = this.ring.since(revision);
    if (!events) return undefined;
    const state = new Map(this.#objects);
    for (const event of [...events].reverse()) {
      const key = storageKey(event.object.metadata.namespace, event.object.metadata.name);
      const before = event.previous;
      if (before) state.set(key, before);
      else state.delete(key);
    }
    return new Map([...state].sort(([a], [b]) => compareKeys(a, b)));
  }

  #range(prefix: string, afterKey?: string): string[] {
    let start = this.#position(prefix);
    if (afterKey !== undefined && afterKey >= prefix) {
      start = this.#position(afterKey);
      if (this.#keys[start] === afterKey) start++;
    }
    if (!prefix) return this.#keys.slice(start);
    // "0" follows "/" in the character order, so this is the end of the prefix.
    return this.#keys.slice(start, this.#position(`${prefix.slice(0, -1)}0`));
  }

  #position(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
