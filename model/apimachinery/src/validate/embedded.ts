import { label1035Problems } from '@flux/gotypes';
import { isJsonObject } from '../deep.ts';
import { type FieldError, invalidValue, requiredValue } from '../field-error.ts';
import type { JsonObject, JsonValue } from '../object.ts';
import { propertySchema, type Schema } from '../schema.ts';
import { at, childPath, keyPath } from './path.ts';

/** Embedded resources must say what they are. */
export function validateEmbedded(value: JsonValue, schema: Schema, path: string): FieldError[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? [] : value.flatMap((item, index) => validateEmbedded(item, items, at(path, index)));
  }
  if (!isJsonObject(value)) return [];
  const object = value as JsonObject;
  const own = schema.embeddedResource ? validateTypeMeta(object, path) : [];
  const below = Object.entries(object).flatMap(([key, member]) => {
    const property = propertySchema(schema, key);
    if (property !== undefined) return validateEmbedded(member, property, childPath(path, key));
    const values = schema.additionalProperties;
    return typeof values === 'object' ? validateEmbedded(member, values, keyPath(path, key)) : [];
  });
  return [...own, ...below];
}

function validateTypeMeta(object: JsonObject, path: string): FieldError[] {
  const { apiVersion, kind } = object;
  const errors: FieldError[] = [];
  if (apiVersion === undefined) errors.push(requiredValue(childPath(path, 'apiVersion')));
  if (kind === undefined) errors.push(requiredValue(childPath(path, 'kind')));
  if (apiVersion !== undefined) errors.push(...checkApiVersion(apiVersion, childPath(path, 'apiVersion')));
  if (kind !== undefined) errors.push(...checkKind(kind, childPath(path, 'kind')));
  return errors;
}

function checkApiVersion(apiVersion: JsonValue, path: string): FieldError[] {
  if (typeof apiVersion !== 'string') return [invalidValue(path, apiVersion, 'must be a string')];
  if (apiVersion === '') return [invalidValue(path, apiVersion, 'must not be empty')];
  if (apiVersion.split('/').length <= 2) return [];
  return [invalidValue(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
}

function checkKind(kind: JsonValue, path: string): FieldError[] {
  if (typeof kind !== 'string') return [invalidValue(path, kind, 'must be a string')];
  if (kind === '') return [invalidValue(path, kind, 'must not be empty')];
  const messages = label1035Problems(kind.toLowerCase());
  if (messages.length === 0) return [];
  return [invalidValue(path, kind, `may have mixed case, but should otherwise match: ${messages.join(',')}`)];
}
