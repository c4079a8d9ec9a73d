import { isDeepStrictEqual } from 'node:util';
import type { JsonObject, KubeObject, ManagedFieldsEntry } from '@flux/apimachinery';
import { lookUp } from './json-pointer.ts';

/**
 * Whether an Apply manager other than `owner` owns the field at a path. Indices of lists are translated to the keys of
 * managedFields by the live object; a path that cannot be translated is nobody else's.
 */
export function isOwnedByOther(live: KubeObject, path: readonly string[], owner: string): boolean {
  const entries = (live.metadata.managedFields ?? []).filter(
    (entry) => entry.operation === 'Apply' && !entry.subresource && entry.fieldsV1,
  );
  const keys = fieldKeys(live, path, entries);
  if (!keys) return false;
  return entries.some((entry) => entry.manager !== owner && descend(entry.fieldsV1, keys) !== undefined);
}

function fieldKeys(
  live: KubeObject,
  path: readonly string[],
  entries: readonly ManagedFieldsEntry[],
): string[] | undefined {
  const keys: string[] = [];
  for (const [position, token] of path.entries()) {
    if (!/^-?\d+$/.test(token)) {
      keys.push(`f:${token}`);
      continue;
    }
    const item = lookUp(live, path.slice(0, position + 1));
    const key = item.found ? itemKey(item.value, keys, entries) : undefined;
    if (key === undefined) return undefined;
    keys.push(key);
  }
  return keys.length === 0 ? undefined : keys;
}

/** The `k:{…}` below `parent` whose values are those of the item. */
function itemKey(item: unknown, parent: readonly string[], entries: readonly ManagedFieldsEntry[]): string | undefined {
  for (const entry of entries) {
    const members = descend(entry.fieldsV1, parent);
    const found = Object.keys(members ?? {}).find((key) => key.startsWith('k:') && isKeyOf(key, item));
    if (found !== undefined) return found;
  }
  return undefined;
}

function isKeyOf(key: string, item: unknown): boolean {
  let values: unknown;
  try {
    values = JSON.parse(key.slice(2));
  } catch {
    return false;
  }
  if (typeof values !== 'object' || values === null) return false;
  return Object.entries(values).every(([name, value]) => isDeepStrictEqual(lookUp(item, [name]).value, value));
}

function descend(fields: unknown, keys: readonly string[]): JsonObject | undefined {
  let current = fields;
  for (const key of keys) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return typeof current === 'object' && current !== null ? (current as JsonObject) : undefined;
}
