import type { KubeObject } from '@flux/apimachinery';

/** One change of one object. `previous` is absent for ADDED; `object` of a DELETED event is the last state. */
export interface StoredEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  readonly object: KubeObject;
  readonly previous?: KubeObject;
}

/** The newest events of one resource, oldest first; what fell out can no longer be resumed from. */
export class EventRing {
  #events: StoredEvent[] = [];
  #startRevision: number;
  readonly #capacity: number;

  constructor(startRevision: number, capacity: number) {
    this.#startRevision = startRevision;
    this.#capacity = capacity;
  }

  /** A watch may resume from this revision or any newer one. */
  get startRevision(): number {
    return this.#startRevision;
  }

  push(event: StoredEvent): void {
    this.#events.push(event);
    // Dropping half at a time keeps the cost of a push constant on average.
    if (this.#events.length > this.#capacity * 2) this.#drop(this.#events.length - this.#capacity);
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

  #drop(count: number): void {
    this.#startRevision = this.#events[count - 1]!.revision;
    this.#events = this.#events.slice(count);
  }
}
