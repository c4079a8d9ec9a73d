import type { JsonObject, JsonValue } from '@flux/apimachinery';
import { BuildError } from '../errors.ts';
import { fieldOf, isObject } from '../json.ts';

/**
 * Decoding of foreign YAML into typed values as Go's encoding/json does it: field names match without regard to case, null
 * means unset, and a wrong type is an error that names the field.
 */
export interface Place {
  /** The Go type name and field path that messages quote: `Kustomization.resources`. */
  readonly path: string;
  /** Unknown fields are errors. */
  readonly strict: boolean;
  /** Numbers and booleans are accepted where a string is wanted (plugin configurations). */
  readonly lenient: boolean;
}

type Decoder<T> = (value: JsonValue | undefined, place: Place) => T;
type Decoded<D> = D extends Decoder<infer T> ? T : never;
type Shape = Readonly<Record<string, Decoder<unknown>>>;
export type DecodedStruct<S extends Shape> = { -readonly [K in keyof S]: Decoded<S[K]> };

function mismatch(value: JsonValue, place: Place, type: string): BuildError {
  const found = Array.isArray(value) ? 'array' : isObject(value) ? 'object' : goKind(value);
  return new BuildError(`json: cannot unmarshal ${found} into Go struct field ${place.path} of type ${type}`);
}

function goKind(value: JsonValue): string {
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'number';
}

export const text: Decoder<string> = (value, place) => {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (place.lenient && typeof value !== 'object') return String(value);
  throw mismatch(value, place, 'string');
};

/** A string whose absence matters. */
export const optionalText: Decoder<string | undefined> = (value, place) =>
  value === undefined || value === null ? undefined : text(value, place);

export const flag: Decoder<boolean> = (value, place) => {
  if (value === undefined || value === null) return false;
  if (typeof value === 'boolean') return value;
  throw mismatch(value, place, 'bool');
};

export const integer: Decoder<number> = (value, place) => {
  if (value === undefined || value === null) return 0;
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  if (typeof value === 'bigint') return Number(value);
  throw mismatch(value, place, 'int');
};

export function list<T>(item: Decoder<T>, type = '[]string'): Decoder<T[]> {
  return (value, place) => {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) throw mismatch(value, place, type);
    return value.map((entry) => item(entry, place));
  };
}

/** A list whose presence, even when empty, matters (deprecated fields warn). */
export function optionalList<T>(item: Decoder<T>, type = '[]string'): Decoder<T[] | undefined> {
  const decode = list(item, type);
  return (value, place) => (value === undefined || value === null ? undefined : decode(value, place));
}

export const textMapping: Decoder<Map<string, string>> = (value, place) => {
  const result = new Map<string, string>();
  if (value === undefined || value === null) return result;
  if (!isObject(value)) throw mismatch(value, place, 'map[string]string');
  for (const key of Object.keys(value)) result.set(key, text(value[key], place));
  return result;
};

export const optionalTextMapping: Decoder<Map<string, string> | undefined> = (value, place) =>
  value === undefined || value === null ? undefined : textMapping(value, place);

export function optional<T>(inner: Decoder<T>): Decoder<T | undefined> {
  return (value, place) => (value === undefined || value === null ? undefined : inner(value, place));
}

/** A struct by its fields; `type` is the Go name that messages use. */
export function struct<S extends Shape>(type: string, shape: S): Decoder<DecodedStruct<S>> {
  const byLowerCase = new Map(Object.keys(shape).map((name) => [name.toLowerCase(), name]));
  return (value, place) => {
    if (value !== undefined && value !== null && !isObject(value)) throw mismatch(value, place, `types.${type}`);
    const source = isObject(value) ? collect(value, byLowerCase, place) : undefined;
    const result: Record<string, unknown> = {};
    for (const name of Object.keys(shape)) {
      const inner = { ...place, path: `${type}.${name}` };
      result[name] = shape[name]?.(source?.get(name), inner);
    }
    return result as DecodedStruct<S>;
  };
}

function collect(object: JsonObject, names: ReadonlyMap<string, string>, place: Place): Map<string, JsonValue> {
  const found = new Map<string, JsonValue>();
  for (const key of Object.keys(object)) {
    const name = names.get(key.toLowerCase());
    if (name !== undefined) found.set(name, fieldOf(object, key) ?? null);
    else if (place.strict) throw new BuildError(`json: unknown field ${JSON.stringify(key)}`);
  }
  return found;
}
