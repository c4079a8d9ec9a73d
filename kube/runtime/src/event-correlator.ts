import type { ObjectEvent } from './host.ts';

interface Written {
  name: string;
  count: number;
}

interface Similar {
  messages: Set<string>;
  lastSeenMs: number;
}

interface Budget {
  tokens: number;
  filledAtMs: number;
}

interface Correlation {
  message: string;
  /** The event that this one repeats. */
  repeat: Written | undefined;
  remember(written: Written): void;
}

const maxEntries = 4096;
const maxSimilar = 10;
const similarWithinMs = 600_000;
const burst = 25;
const refillMs = 300_000;

/**
 * client-go's EventCorrelator: 25 events an object, then one every five minutes; more than ten differing messages of one
 * kind within ten minutes are combined; the same event again is a repeat.
 */
export class EventCorrelator {
  readonly #now: () => number;
  readonly #written = new Map<string, Written>();
  readonly #similar = new Map<string, Similar>();
  readonly #budgets = new Map<string, Budget>();

  constructor(options: { now?: () => number } = {}) {
    this.#now = options.now ?? Date.now;
  }

  /** Undefined when the object has used up its budget. */
  correlate(event: ObjectEvent): Correlation | undefined {
    const { object } = event;
    const source = JSON.stringify([
      event.reporter,
      object.kind,
      object.metadata.namespace,
      object.metadata.name,
      object.metadata.uid,
      object.apiVersion,
    ]);
    const group = JSON.stringify([source, event.type, event.reason]);
    const message = this.#aggregate(group, event.message);
    if (!this.#spend(source)) return undefined;
    const key = message === event.message ? JSON.stringify([group, message]) : group;
    return {
      message,
      repeat: this.#written.get(key),
      remember: (written) => setBounded(this.#written, key, written),
    };
  }

  #aggregate(group: string, message: string): string {
    const now = this.#now();
    const known = this.#similar.get(group);
    const similar =
      known && now - known.lastSeenMs <= similarWithinMs ? known : { messages: new Set<string>(), lastSeenMs: now };
    similar.lastSeenMs = now;
    similar.messages.add(message);
    setBounded(this.#similar, group, similar);
    if (similar.messages.size < maxSimilar) return message;
    similar.messages.delete(similar.messages.values().next().value ?? message); // keeps the set small
    return `(combined from similar events): ${message}`;
  }

  #spend(source: string): boolean {
    const now = this.#now();
    const budget = this.#budgets.get(source) ?? { tokens: burst, filledAtMs: now };
    budget.tokens = Math.min(burst, budget.tokens + (now - budget.filledAtMs) / refillMs);
    budget.filledAtMs = now;
    setBounded(this.#budgets, source, budget);
    if (budget.tokens < 1) return false;
    budget.tokens -= 1;
    return true;
  }
}

/** The least recently set entry goes first. */
function setBounded<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > maxEntries) map.delete(map.keys().next().value ?? key);
}
