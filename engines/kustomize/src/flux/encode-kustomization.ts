import type { JsonObject, JsonValue } from '@flux/apimachinery';
import type { Kustomization } from '../config/kustomization.ts';
import { isObject, setField } from '../json.ts';

/** Fields whose zero value says something, so that it is written. */
const keptWhenEmpty = new Set(['count', 'sourceValue']);

/** A decoded kustomization as plain data again, without what is unset. */
export function encodeKustomization(kustomization: Kustomization): JsonObject {
  const encoded = encode(kustomization);
  return isObject(encoded) ? encoded : {};
}

function encode(value: unknown): JsonValue {
  if (value instanceof Map) return encodeFields([...value], () => true);
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value === 'object' && value !== null) return encodeFields(Object.entries(value), isSet);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return typeof value === 'bigint' ? value : null;
}

function encodeFields(
  fields: readonly [string, unknown][],
  keep: (key: string, value: unknown) => boolean,
): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of fields) if (keep(key, value)) setField(result, key, encode(value));
  return result;
}

function isSet(key: string, value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (keptWhenEmpty.has(key)) return true;
  if (value === '' || value === false || value === 0) return false;
  if (Array.isArray(value)) return value.length > 0;
  return !(value instanceof Map) || value.size > 0;
}
