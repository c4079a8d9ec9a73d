import { getMember, isJsonObject } from '../deep.ts';
import { printGo } from '../go-format.ts';
import type { JsonObject, JsonValue } from '../object.ts';
import type { Schema } from '../schema.ts';
import { newUnknownError } from '../statuses.ts';

export interface ListRules {
  /** Empty for lists of scalars. */
  readonly mergeKey: string;
  readonly items: Schema | undefined;
}

/**
 * Orders a merged list: items that the patch names follow the order of the patch, the others that of the object; where the
 * two meet, an item of the object comes first only if it stood before the named one.
 */
export function orderMerged(
  merged: readonly JsonValue[],
  patchOrder: readonly JsonValue[],
  serverOrder: readonly JsonValue[],
  rules: ListRules,
): JsonValue[] {
  const key = (item: JsonValue) => keyOf(item, rules.mergeKey);
  const inPatch = positions(patchOrder, key);
  const inServer = positions(serverOrder, key);
  for (const item of merged) if (key(item) === undefined) throw noMergeKey(item, rules.mergeKey);
  const named = sortBy(
    merged.filter((item) => inPatch.has(key(item))),
    (item) => inPatch.get(key(item)),
  );
  const others = sortBy(
    merged.filter((item) => !inPatch.has(key(item))),
    (item) => inServer.get(key(item)),
  );
  return interleave(others, named, (item) => inServer.get(key(item)) ?? -1);
}

function keyOf(item: JsonValue, mergeKey: string): JsonValue | undefined {
  if (mergeKey === '') return item;
  return isJsonObject(item) ? getMember(item as JsonObject, mergeKey) : undefined;
}

function noMergeKey(item: JsonValue, mergeKey: string): Error {
  return newUnknownError(`map: ${printGo(item)} does not contain declared merge key: ${mergeKey}`);
}

function positions(
  list: readonly JsonValue[],
  key: (item: JsonValue) => JsonValue | undefined,
): Map<JsonValue | undefined, number> {
  const result = new Map<JsonValue | undefined, number>();
  list.forEach((item, index) => {
    if (!result.has(key(item))) result.set(key(item), index);
  });
  return result;
}

/** Items without a position keep their order after the others. */
function sortBy(items: readonly JsonValue[], position: (item: JsonValue) => number | undefined): JsonValue[] {
  return [...items].sort((a, b) => (position(a) ?? Number.MAX_SAFE_INTEGER) - (position(b) ?? Number.MAX_SAFE_INTEGER));
}

function interleave(others: JsonValue[], named: JsonValue[], position: (item: JsonValue) => number): JsonValue[] {
  const result: JsonValue[] = [];
  let [i, j] = [0, 0];
  while (i < others.length || j < named.length) {
    if (j >= named.length) result.push(others[i++]!);
    else if (i >= others.length) result.push(named[j++]!);
    else {
      const [other, name] = [position(others[i]!), position(named[j]!)];
      result.push(other >= 0 && name >= 0 && other < name ? others[i++]! : named[j++]!);
    }
  }
  return result;
}
