import { isJsonObject } from '@flux/apimachinery';
import { type FieldPlace, scalarText, targetOf, unmarshalProblem } from '../chart/unmarshal.ts';
import { readTime } from './entry-time.ts';
import { IndexError } from './repository-error.ts';

/** How a document was written: YAML is strict about keys but turns some scalars into text, JSON is the other way round (SRC-HREPO-09). */
export type IndexSyntax = 'yaml' | 'json';

/** A field that is being read, as Go names it in errors. */
interface Place extends FieldPlace {
  readonly syntax: IndexSyntax;
}

/** Makes a field of Go's struct from what was parsed. Undefined is Go's zero value. */
export type ReadField = (value: unknown, place: Place) => unknown;

/** The fields of a struct in its order. */
export interface Struct {
  readonly name: string;
  readonly fields: ReadonlyMap<string, ReadField>;
  /** encoding/json takes keys in any case. */
  readonly folded: ReadonlyMap<string, string>;
  /** Names of fields that an embedded struct has: in errors that one's name leads to them. */
  readonly embedded?: { readonly name: string; readonly fields: ReadonlySet<string> };
}

/** Describes a struct. */
export function defineStruct(
  name: string,
  fields: Readonly<Record<string, ReadField>>,
  embedded?: Struct['embedded'],
): Struct {
  const keys = Object.keys(fields);
  const folded = new Map(keys.map((key) => [key.toLowerCase(), key]));
  return { name, fields: new Map(Object.entries(fields)), folded, ...(embedded ? { embedded } : {}) };
}

const prefixes: Record<IndexSyntax, string> = {
  yaml: 'error unmarshaling JSON: while decoding JSON: ',
  json: '',
};

/** What encoding/json says, as it reaches users: in YAML behind the words of sigs.k8s.io/yaml. */
function decodingError(problem: string, syntax: IndexSyntax): IndexError {
  return new IndexError(`${prefixes[syntax]}${problem}`);
}

/** `json: cannot unmarshal number into Go struct field ChartVersion.entries.urls of type []string`. */
export function mismatch(value: unknown, place: Place, type: string): IndexError {
  return decodingError(unmarshalProblem(value, targetOf(place, type)), place.syntax);
}

export const readText: ReadField = (value, place) => {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (value === null || value === undefined) return undefined;
  throw mismatch(value, place, 'string');
};

/**
 * sigs.k8s.io/yaml writes a number or boolean as text where the field is one. It does not see that for the fields of an embedded
 * struct, which are all of Chart.yaml.
 */
export const readScalar: ReadField = (value, place) => {
  return readText(place.syntax === 'json' ? value : (scalarText(value) ?? value), place);
};

export const readBoolean: ReadField = (value, place) => {
  if (typeof value === 'boolean') return value || undefined;
  if (value === null || value === undefined) return undefined;
  throw mismatch(value, place, 'bool');
};

/** A list of texts. */
export function readList(readItem: ReadField): ReadField {
  return (value, place) => {
    if (value === null || value === undefined) return undefined;
    if (!Array.isArray(value)) throw mismatch(value, place, '[]string');
    return value.map((item) => readItem(item, place) ?? '');
  };
}

/** A map of texts with sorted keys, as Go writes it; one that is empty is left out like one that is not there. */
export function readMap(readItem: ReadField): ReadField {
  return (value, place) => {
    if (value === null || value === undefined) return undefined;
    if (!isJsonObject(value)) throw mismatch(value, place, 'map[string]string');
    const keys = Object.keys(value);
    if (keys.length === 0) return undefined;
    return Object.fromEntries(keys.sort().map((key) => [key, readItem(value[key], place) ?? '']));
  };
}

/** A list of any values; maps in it are sorted. */
export const readAny: ReadField = (value, place) => {
  if (value === null || value === undefined) return undefined;
  if (!Array.isArray(value)) throw mismatch(value, place, '[]interface {}');
  return value.map(sortKeys);
};

function sortKeys(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sortKeys(value[key])]));
}

/** A time as Go writes it again. */
export const readMoment: ReadField = (value, { syntax }) => {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'string') throw decodingError('Time.UnmarshalJSON: input is not a JSON string', syntax);
  const { text, problem } = readTime(value);
  if (text === undefined) throw decodingError(problem, syntax);
  return text;
};

/** A list of structs; null items stay null. */
export function readStructs(struct: Struct, type: string): ReadField {
  return (value, place) => {
    if (value === null || value === undefined) return undefined;
    if (!Array.isArray(value)) throw mismatch(value, place, `[]*${type}`);
    return value.map((item: unknown) => {
      if (item === null) return null;
      if (!isJsonObject(item)) throw mismatch(item, place, type);
      return readStruct(item, struct, place);
    });
  };
}

/** An object with the fields in the order of the struct, without those that are empty. Unknown keys: SRC-HREPO-09. */
export function readStruct(
  value: Record<string, unknown>,
  struct: Struct,
  { syntax, path }: Place,
): Record<string, unknown> {
  const renamed = findRenamed(value, struct, syntax);
  const read: Record<string, unknown> = {};
  for (const [key, readField] of struct.fields) {
    const source = Object.hasOwn(value, key) ? key : renamed?.get(key);
    if (source === undefined) continue;
    const parent = struct.embedded?.fields.has(key) ? `${path}.${struct.embedded.name}` : path;
    const found = readField(value[source], {
      syntax,
      struct: struct.name,
      path: parent === '' ? key : `${parent}.${key}`,
    });
    if (found !== undefined) read[key] = found;
  }
  return read;
}

/** Keys that are a field's name in another case, by that name. */
function findRenamed(value: object, struct: Struct, syntax: IndexSyntax): Map<string, string> | undefined {
  let renamed: Map<string, string> | undefined;
  for (const key of Object.keys(value)) {
    if (struct.fields.has(key)) continue;
    const field = struct.folded.get(key.toLowerCase());
    if (field !== undefined) {
      renamed ??= new Map();
      renamed.set(field, key);
    } else if (syntax === 'yaml') {
      throw decodingError(`json: unknown field ${JSON.stringify(key)}`, syntax);
    }
  }
  return renamed;
}
