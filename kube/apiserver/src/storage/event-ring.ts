import type { KubeObject } from '@flux/apimachinery';

/** One change of one object. `previous` is absent for ADDED; `object` of a DELETED event is the last state. */
export interface StoredEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  readonly object: KubeObject;
  readonly previous?: KubeObject;
}

/** How much history a ring keeps: at least `events` of them, unless they hold more than `bytes`. */
export interface RingCapacity {
  events: number;
  bytes: number;
}

/** The newest events of one resource, oldest first; what fell out can no longer be resumed from. */
export class EventRing {
  #events: StoredEvent[] = [];
  /** Of the events, one by one: an object is measured once. */
  #sizes: number[] = [];
  #bytes = 0;
  #startRevision: number;
  readonly #capacity: RingCapacity;

  constructor(startRevision: number, capacity: RingCapacity) {
    this.#startRevision = startRevision;
    this.#capacity = capacity;
  }

  /** A watch may resume from this revision or any newer one. */
  get startRevision(): number {
    return this.#startRevision;
  }

  push(event: StoredEvent): void {
    const size = approximateBytes(event.object);
    this.#events.push(event);
    this.#sizes.push(size);
    this.#bytes += size;
    // Dropping half at a time keeps the cost of a push constant on average.
    const { events, bytes } = this.#capacity;
    if (this.#events.length > events * 2) this.#drop(this.#events.length - events);
    else if (this.#bytes > bytes * 2) this.#drop(this.#countBeyond(bytes));
  }

  /** Events newer than `revision`, or `undefined` when some of them are gone. */
  since(revision: number): readonly StoredEvent[] | undefined {
    if (revision < this.#startRevision) return undefined;
    return this.#events.slice(this.#firstAfter(revision));
  }

  #firstAfter(revision: number): number {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#events[middle]!.revision > revision) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** How many of the oldest events have to go until the rest holds no more than `bytes`; the newest stays. */
  #countBeyond(bytes: number): number {
    let rest = this.#bytes;
    let count = 0;
    while (rest > bytes && count < this.#events.length - 1) rest -= this.#sizes[count++]!;
    return count;
  }

  #drop(count: number): void {
    if (count === 0) return;
    for (const size of this.#sizes.slice(0, count)) this.#bytes -= size;
    this.#startRevision = this.#events[count - 1]!.revision;
    this.#events = this.#events.slice(count);
    this.#sizes = this.#sizes.slice(count);
  }
}

/** Text counts, and a little for each member: enough to notice objects of a megabyte among those of a kilobyte. */
function approximateBytes(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 8;
  let bytes = 16;
  if (Array.isArray(value)) for (const item of value) bytes += approximateBytes(item);
  else for (const key in value) bytes += key.length + approximateBytes(Reflect.get(value, key));
  return bytes;
}
