import { deepCopy, setMember } from './deep.ts';
import type { JsonObject, JsonValue } from './object.ts';
import { memberSchema, type Schema } from './schema.ts';

/**
 * Fills in the defaults of a structural schema. A null that the schema does not allow counts as absent: it takes the default
 * or goes. Copy on write.
 */
export function applyDefaults<T extends JsonValue>(value: T, schema: Schema): T {
  return fill(dropNulls(value, schema), schema) as T;
}

function isUnwantedNull(value: JsonValue | undefined, schema: Schema): boolean {
  return value === null && schema.nullable !== true;
}

/** Nulls go where the schema neither allows them nor has a default for them. */
function dropNulls(value: JsonValue, schema: Schema | undefined): JsonValue {
  if (schema === undefined || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => dropNulls(item, schema.items));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  const result: JsonObject = {};
  let changed = false;
  for (const [key, member] of Object.entries(value)) {
    const child = memberSchema(schema, key);
    if (child !== undefined && isUnwantedNull(member, child) && child.default === undefined) {
      changed = true;
      continue;
    }
    const kept = dropNulls(member, child);
    changed ||= kept !== member;
    setMember(result, key, kept);
  }
  return changed ? result : value;
}

function fill(value: JsonValue, schema: Schema | undefined): JsonValue {
  if (schema === undefined || typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? fillList(value, schema.items) : fillObject(value, schema);
}

function fillList(list: JsonValue[], items: Schema | undefined): JsonValue[] {
  if (items === undefined) return list;
  const result = list.map((item) => fill(isUnwantedNull(item, items) ? deepCopy(items.default ?? null) : item, items));
  return result.every((item, index) => item === list[index]) ? list : result;
}

function fillObject(object: JsonObject, schema: Schema): JsonObject {
  const result: JsonObject = {};
  let changed = false;
  for (const [key, member] of Object.entries(object)) {
    const child = memberSchema(schema, key);
    const value = child !== undefined && isUnwantedNull(member, child) ? deepCopy(child.default ?? null) : member;
    const filled = fill(value, child);
    changed ||= filled !== member;
    setMember(result, key, filled);
  }
  for (const [key, child] of Object.entries(schema.properties ?? {})) {
    if (child.default === undefined || Object.hasOwn(object, key)) continue;
    setMember(result, key, fill(deepCopy(child.default), child));
    changed = true;
  }
  return changed ? result : object;
}
