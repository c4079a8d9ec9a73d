import { isDeepStrictEqual } from 'node:util';
import type { JsonObject, KubeObject, ManagedFieldsEntry } from '@flux/apimachinery';

/** A manager whose fields are taken over before an apply; names match by prefix (KUS-APPLY-13). */
export interface TakenOverManager {
  name: string;
  operation: 'Apply' | 'Update';
}

/**
 * The managedFields after the fields of `managers` went to `owner`/Apply, or undefined when none of them holds any. The
 * owner's entry goes last; without one the first match is renamed into it.
 */
export function takeOverFields(
  object: KubeObject,
  managers: readonly TakenOverManager[],
  owner: string,
): ManagedFieldsEntry[] | undefined {
  const entries = object.metadata.managedFields ?? [];
  // the last one, should there be several: those of subresources count too
  let own = entries.findLast((entry) => entry.manager === owner && entry.operation === 'Apply');
  const ownEntry = own;
  const kept: ManagedFieldsEntry[] = [];
  let isChanged = false;
  for (const entry of entries) {
    if (entry === ownEntry) continue;
    if (!isTakenOver(entry, managers)) {
      kept.push(entry);
      continue;
    }
    isChanged = true;
    own = own ? withFieldsOf(own, entry) : { ...entry, manager: owner, operation: 'Apply' };
  }
  return isChanged && own ? [...kept, own] : undefined;
}

function isTakenOver(entry: ManagedFieldsEntry, managers: readonly TakenOverManager[]): boolean {
  if (entry.subresource) return false;
  return managers.some(
    ({ name, operation }) => entry.operation === operation && (entry.manager ?? '').startsWith(name),
  );
}

function withFieldsOf(own: ManagedFieldsEntry, other: ManagedFieldsEntry): ManagedFieldsEntry {
  const fieldsV1 = unionFields(own.fieldsV1, other.fieldsV1);
  return fieldsV1 ? { ...own, fieldsV1 } : own;
}

/** The union of two field sets in the `fieldsV1` form: `{}` is a member, `"."` a member that has members below it. */
export function unionFields(a: JsonObject | undefined, b: JsonObject | undefined): JsonObject | undefined {
  if (!a || !b) return a ?? b;
  if (isDeepStrictEqual(a, b)) return a;
  const result = new Map<string, JsonObject>(Object.entries(a).map(([key, value]) => [key, asFields(value)]));
  for (const [key, value] of Object.entries(b)) {
    const present = result.get(key);
    result.set(key, present ? unionMembers(present, asFields(value)) : asFields(value));
  }
  return Object.fromEntries(result);
}

function unionMembers(a: JsonObject, b: JsonObject): JsonObject {
  const isLeafA = Object.keys(a).length === 0;
  const isLeafB = Object.keys(b).length === 0;
  if (isLeafA && isLeafB) return a;
  return unionFields(isLeafA ? { '.': {} } : a, isLeafB ? { '.': {} } : b) ?? a;
}

function asFields(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** All entries at one API version, or undefined when they are already (KUS-APPLY-17). */
export function migrateFieldsVersion(object: KubeObject, apiVersion: string): ManagedFieldsEntry[] | undefined {
  const entries = object.metadata.managedFields ?? [];
  if (entries.every((entry) => entry.apiVersion === apiVersion)) return undefined;
  return entries.map((entry) => ({ ...entry, apiVersion }));
}
