import { formatFloat } from '@flux/gotypes';
import { IndexError } from './repository-error.ts';

/** How a document was written: YAML is strict about keys but turns scalars into text, JSON is the other way round (SRC-HREPO-09). */
export type IndexSyntax = 'yaml' | 'json';

/** Makes a field of Go's struct from what was parsed. Undefined is Go's zero value. */
export type ReadField = (value: unknown, syntax: IndexSyntax, field: string) => unknown;

export type Fields = ReadonlyMap<string, ReadField>;

const prefixes: Record<IndexSyntax, string> = {
  yaml: 'error unmarshaling JSON: while decoding JSON: ',
  json: '',
};

export function decodingError(problem: string, syntax: IndexSyntax): IndexError {
  return new IndexError(`${prefixes[syntax]}${problem}`);
}

/** `json: cannot unmarshal number into Go struct field ChartVersion.urls of type []string`. */
function mismatch(value: unknown, syntax: IndexSyntax, field: string, type: string): IndexError {
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  const shown = kind === 'bigint' ? 'number' : kind;
  return decodingError(`json: cannot unmarshal ${shown} into Go struct field ${field} of type ${type}`, syntax);
}

/** sigs.k8s.io/yaml writes a number or boolean as text where the field is one; encoding/json refuses it. */
export const readText: ReadField = (value, syntax, field) => {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (value === null || value === undefined) return undefined;
  if (syntax === 'yaml') {
    // Numbers that are no integers come with the precision of float32.
    if (typeof value === 'number') return Number.isInteger(value) ? String(value) : formatFloat(value, { bits: 32 });
    if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  }
  throw mismatch(value, syntax, field, 'string');
};

export const readBoolean: ReadField = (value, syntax, field) => {
  if (typeof value === 'boolean') return value || undefined;
  if (value === null || value === undefined) return undefined;
  throw mismatch(value, syntax, field, 'bool');
};

export const readTexts: ReadField = (value, syntax, field) => {
  if (value === null || value === undefined) return undefined;
  if (!Array.isArray(value)) throw mismatch(value, syntax, field, '[]string');
  return value.map((item) => readText(item, syntax, field) ?? '');
};

/** A map of texts with sorted keys, as Go writes it; one that is empty is left out like one that is not there. */
export const readTextMap: ReadField = (value, syntax, field) => {
  if (value === null || value === undefined) return undefined;
  if (!isRecord(value)) throw mismatch(value, syntax, field, 'map[string]string');
  const keys = Object.keys(value);
  if (keys.length === 0) return undefined;
  return Object.fromEntries(keys.sort(byText).map((key) => [key, readText(value[key], syntax, field) ?? '']));
};

/** Any value; maps in it are sorted. */
export const readAny: ReadField = (value) => (Array.isArray(value) ? value.map(sortKeys) : undefined);

function sortKeys(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isRecord(value)) return value;
  const keys = Object.keys(value).sort(byText);
  return Object.fromEntries(keys.map((key) => [key, sortKeys(value[key])]));
}

const time = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Go's time.Time, as it writes it again: at most nine decimals, without zeros at their end, `Z` for UTC. */
export const readTime: ReadField = (value, syntax, field) => {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'string') throw mismatch(value, syntax, field, 'time.Time');
  const match = time.exec(value);
  if (!match || Number.isNaN(Date.parse(value))) {
    const quoted = JSON.stringify(value);
    throw decodingError(
      `parsing time ${quoted} as "2006-01-02T15:04:05Z07:00": cannot parse ${quoted} as "2006"`,
      syntax,
    );
  }
  const [, start = '', fraction = '', zone = ''] = match;
  const decimals = fraction.slice(0, 10).replace(/\.?0+$/, '');
  return start + decimals + (zone === '+00:00' || zone === '-00:00' ? 'Z' : zone);
};

/** A list of structs; null items stay null. */
export function readStructs(fields: Fields): ReadField {
  return (value, syntax, field) => {
    if (value === null || value === undefined) return undefined;
    if (!Array.isArray(value)) throw mismatch(value, syntax, field, '[]struct');
    return value.map((item: unknown) => (item === null ? null : readStruct(item, fields, syntax, field)));
  };
}

/** An object with the fields in the order of the map, without those that are empty. Keys that are not in the map: SRC-HREPO-09. */
export function readStruct(value: unknown, fields: Fields, syntax: IndexSyntax, name: string): Record<string, unknown> {
  if (!isRecord(value)) throw mismatch(value, syntax, name, 'struct');
  if (syntax === 'yaml') {
    for (const key of Object.keys(value)) {
      if (!fields.has(key)) throw decodingError(`json: unknown field ${JSON.stringify(key)}`, syntax);
    }
  }
  const struct: Record<string, unknown> = {};
  for (const [key, read] of fields) {
    const found = Object.hasOwn(value, key) ? read(value[key], syntax, `${name}.${key}`) : undefined;
    if (found !== undefined) struct[key] = found;
  }
  return struct;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** By code units, which for the keys of indexes is Go's order. */
export function byText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
