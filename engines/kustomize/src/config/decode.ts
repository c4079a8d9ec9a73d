import type { JsonObject, JsonValue } from '@flux/apimachinery';
import { BuildError } from '../errors.ts';
import { compareText } from '../gvk.ts';
import { fieldOf, isObject } from '../json.ts';

/**
 * Decoding of foreign YAML into typed values as Go's encoding/json does it: field names match without regard to case, null
 * means unset, and the first wrong type or unknown field, in the order of sorted keys, is an error that names the field.
 */
export interface Place {
  /** The Go struct that holds the value, as messages quote it; empty at the root of a document. */
  readonly struct: string;
  /** The fields that lead to the value, joined by dots. */
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
  return wrongType(found, place, type);
}

function wrongType(found: string, { struct, path }: Place, type: string): BuildError {
  const where = path === '' ? 'Go value' : `Go struct field ${struct}.${path}`;
  return new BuildError(`json: cannot unmarshal ${found} into ${where} of type ${type}`);
}

function goKind(value: JsonValue): string {
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'number';
}

/** A string whose Go type has a name of its own. */
export function namedText(type: string): Decoder<string> {
  return (value, place) => {
    if (value === undefined || value === null) return '';
    if (typeof value === 'string') return value;
    if (place.lenient && typeof value !== 'object') return String(value);
    throw mismatch(value, place, type);
  };
}

export const text: Decoder<string> = namedText('string');

/** A string whose absence matters. */
export const optionalText: Decoder<string | undefined> = (value, place) =>
  value === undefined || value === null ? undefined : text(value, place);

export const flag: Decoder<boolean> = (value, place) => {
  if (value === undefined || value === null) return false;
  if (typeof value === 'boolean') return value;
  throw mismatch(value, place, 'bool');
};

export function integer(type: 'int' | 'int64'): Decoder<number> {
  return (value, place) => {
    if (value === undefined || value === null) return 0;
    if (typeof value === 'number' && Number.isInteger(value)) return value;
    if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return Number(value);
    if (typeof value === 'number' || typeof value === 'bigint') throw wrongType(`number ${value}`, place, type);
    throw mismatch(value, place, type);
  };
}

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

/** A mapping of anything. */
export const mapping: Decoder<JsonObject> = (value, place) => {
  if (value === undefined || value === null) return {};
  if (isObject(value)) return value;
  throw mismatch(value, place, 'map[string]interface {}');
};

export function optional<T>(inner: Decoder<T>): Decoder<T | undefined> {
  return (value, place) => (value === undefined || value === null ? undefined : inner(value, place));
}

/**
 * A struct by its fields. `type` is the Go name that messages use, `embedded` the Go structs in it that hold some of the
 * fields, by field.
 */
export function struct<S extends Shape>(
  type: string,
  shape: S,
  embedded: { readonly [K in keyof S]?: string } = {},
): Decoder<DecodedStruct<S>> {
  const byLowerCase = new Map(Object.keys(shape).map((name) => [name.toLowerCase(), name]));
  const goName = type.slice(type.lastIndexOf('.') + 1);
  const placeOf = (outer: Place, name: string): Place => {
    const holder = embedded[name];
    const field = holder === undefined ? name : `${holder}.${name}`;
    // sigs.k8s.io/yaml looks for the wanted type one level deep (fields.go): not in embedded structs.
    const lenient = outer.lenient && holder === undefined;
    return { ...outer, lenient, struct: goName, path: outer.path === '' ? field : `${outer.path}.${field}` };
  };
  return (value, place) => {
    if (value !== undefined && value !== null && !isObject(value)) throw mismatch(value, place, type);
    const result: Record<string, unknown> = {};
    for (const name of Object.keys(shape)) result[name] = shape[name]?.(undefined, place);
    const source = isObject(value) ? value : {};
    for (const key of Object.keys(source).sort(compareText)) {
      const name = Object.hasOwn(shape, key) ? key : byLowerCase.get(key.toLowerCase());
      if (name !== undefined) result[name] = shape[name]?.(fieldOf(source, key) ?? null, placeOf(place, name));
      else if (place.strict) throw new BuildError(`json: unknown field ${JSON.stringify(key)}`);
    }
    return result as DecodedStruct<S>;
  };
}

/** Decodes a document as `Unmarshal` of sigs.k8s.io/yaml does: scalars become strings where strings are wanted. */
export function unmarshal<T>(decoder: Decoder<T>, raw: JsonValue, options: { readonly strict?: boolean } = {}): T {
  try {
    return decoder(raw, { struct: '', path: '', strict: options.strict ?? false, lenient: true });
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw new BuildError(`error unmarshaling JSON: while decoding JSON: ${error.message}`, { cause: error });
  }
}
