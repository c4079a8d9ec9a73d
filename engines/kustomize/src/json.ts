import type { JsonObject, JsonValue } from '@flux/apimachinery';
import { getMember, setMember } from '@flux/apimachinery/deep';

export {
  deepCopy as cloneJson,
  getMember as fieldOf,
  setMember as setField,
} from '@flux/apimachinery/deep';

/** A place that holds a value: a field of an object or an item of a list. */
export type Holder = JsonObject | JsonValue[];
export type Key = string | number;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function readSlot(holder: Holder, key: Key): JsonValue | undefined {
  return Array.isArray(holder) ? holder[Number(key)] : getMember(holder, String(key));
}

export function writeSlot(holder: Holder, key: Key, value: JsonValue): void {
  if (Array.isArray(holder)) holder[Number(key)] = value;
  else setMember(holder, String(key), value);
}

/** The object below `key`, made when it is missing or null; undefined when something else is there. */
export function ensureObject(object: JsonObject, key: string): JsonObject | undefined {
  const current = getMember(object, key);
  if (current === undefined || current === null) {
    const created: JsonObject = {};
    setMember(object, key, created);
    return created;
  }
  return isObject(current) ? current : undefined;
}

/** The text of a scalar as it stands in YAML; objects and lists have none. */
export function scalarText(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null || typeof value === 'object') return '';
  return String(value);
}

export type NodeKind = 'MappingNode' | 'SequenceNode' | 'ScalarNode';

export function nodeKind(value: JsonValue): NodeKind {
  if (Array.isArray(value)) return 'SequenceNode';
  return isObject(value) ? 'MappingNode' : 'ScalarNode';
}

/** String fields of a map as kustomize reads labels, annotations and data: every scalar by its text. */
export function textMap(value: JsonValue | undefined): Map<string, string> {
  const result = new Map<string, string>();
  if (!isObject(value)) return result;
  for (const key of Object.keys(value)) result.set(key, value[key] === null ? 'null' : scalarText(value[key]));
  return result;
}

export function objectFromMap(map: ReadonlyMap<string, string>): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of map) setMember(result, key, value);
  return result;
}
