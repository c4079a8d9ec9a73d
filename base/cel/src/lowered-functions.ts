import type { Environment } from '@marcbachmann/cel-js';
import { CelError } from './cel-error.ts';
import { loweredFunctions as names } from './lower.ts';
import { type Optional, present } from './optionals.ts';
import { areEqual } from './values.ts';

type Entries = Map<unknown, unknown>;

/** Functions that stand for syntax which the engine does not know. */
export function registerLoweredFunctions(environment: Environment): void {
  environment.registerFunction(`${names.list}(list, list): list`, (items: unknown[], flags: unknown[]) =>
    items.flatMap((item, index) => (flags[index] === true ? present(item as Optional) : [item])),
  );
  environment.registerFunction(
    `${names.map}(list, list, list): map`,
    (keys: unknown[], values: unknown[], flags: unknown[]) =>
      new Map(
        keys.flatMap((key, index) => {
          const value = flags[index] === true ? present(values[index] as Optional) : [values[index]];
          return value.map((item): [unknown, unknown] => [key, item]);
        }),
      ),
  );
  environment.registerFunction(`${names.keys}(dyn): list`, keysOf);
  environment.registerFunction(`${names.entries}(list): map`, (entries: [unknown, unknown][]) => new Map(entries));
  environment.registerFunction(`${names.merge}(list): map`, merge);
  environment.registerFunction(`${names.sort}(list, list): list`, sortBy);
}

function keysOf(container: unknown): unknown[] {
  if (Array.isArray(container)) return container.map((_, index) => BigInt(index));
  if (container instanceof Map) return [...container.keys()];
  if (typeof container === 'object' && container !== null) return Object.keys(container);
  throw new CelError('no such overload');
}

function merge(parts: readonly (Entries | Record<string, unknown>)[]): Entries {
  const merged: Entries = new Map();
  for (const part of parts) {
    for (const [key, value] of part instanceof Map ? part : Object.entries(part)) {
      if ([...merged.keys()].some((known) => areEqual(known, key))) {
        throw new CelError(`insert failed: key ${String(key)} already exists`);
      }
      merged.set(key, value);
    }
  }
  return merged;
}

/** The items in the order of their keys. */
function sortBy(items: readonly unknown[], keys: readonly unknown[]): unknown[] {
  const order = items.map((_, index) => index);
  order.sort((a, b) => compare(keys[a] as bigint, keys[b] as bigint));
  return order.map((index) => items[index]);
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
