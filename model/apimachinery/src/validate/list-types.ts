import { getMember, isJsonObject } from '../deep.ts';
import { duplicateValue, type FieldError, invalidValue } from '../field-error.ts';
import { marshalGo } from '../go-format.ts';
import type { JsonObject, JsonValue } from '../object.ts';
import { propertySchema, type Schema } from '../schema.ts';
import { at, childPath, keyPath } from './path.ts';

/** Sets hold each value once and list maps each key. */
export function validateListTypes(value: JsonValue, schema: Schema, path: string): FieldError[] {
  if (Array.isArray(value)) return validateList(value, schema, path);
  if (!isJsonObject(value)) return [];
  return Object.entries(value as JsonObject).flatMap(([key, member]) => {
    const property = propertySchema(schema, key);
    if (property !== undefined) return validateListTypes(member, property, childPath(path, key));
    const values = schema.additionalProperties;
    return typeof values === 'object' ? validateListTypes(member, values, keyPath(path, key)) : [];
  });
}

function validateList(list: readonly JsonValue[], schema: Schema, path: string): FieldError[] {
  const { items } = schema;
  const own = schema.listType === 'set' ? duplicates(list, list, path) : [];
  const keyed = schema.listType === 'map' ? validateListMap(list, schema, path) : [];
  const below =
    items === undefined ? [] : list.flatMap((item, index) => validateListTypes(item, items, at(path, index)));
  return [...own, ...keyed, ...below];
}

function validateListMap(list: readonly JsonValue[], { listMapKeys = [] }: Schema, path: string): FieldError[] {
  const wrong = list.findIndex((item) => item !== null && !isJsonObject(item));
  if (wrong >= 0) {
    return [invalidValue(at(path, wrong), list[wrong], 'must be an object for an array of list-type map')];
  }
  const keys = list.map((item) => {
    const entries = listMapKeys.flatMap((key) => {
      const value = item === null ? undefined : getMember(item as JsonObject, key);
      return value === undefined ? [] : [[key, value] as const];
    });
    return Object.fromEntries(entries) as JsonObject;
  });
  return duplicates(keys, keys, path);
}

/** The second occurrence of each value; further ones are not reported again. */
function duplicates(values: readonly JsonValue[], shown: readonly JsonValue[], path: string): FieldError[] {
  const counts = new Map<string, number>();
  return values.flatMap((value, index) => {
    const key = marshalGo(value);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count === 2 ? [duplicateValue(at(path, index), shown[index])] : [];
  });
}
