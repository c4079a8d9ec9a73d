import type { KubeObject } from '@flux/apimachinery';
import { ConversionError } from './conversion-error.ts';
import { convertScalar, isScalarLetter, scalarZero } from './scalars.ts';

/** How Go's structs read and write one kind; see scripts/typed-fields. */
export interface TypedFields {
  kinds: Readonly<Record<string, number>>;
  types: readonly (readonly string[])[];
}

type Omit = 'never' | 'empty' | 'zero';

interface Field {
  name: string;
  omit: Omit;
  type: string;
}

/** Converts objects the way a decode into, and encode from, the typed structs of Kubernetes would. */
export class TypedConverter {
  readonly #table: TypedFields;
  readonly #fields = new Map<number, Field[]>();

  constructor(table: TypedFields) {
    this.#table = table;
  }

  knows(object: { apiVersion: string; kind: string }): boolean {
    return Object.hasOwn(this.#table.kinds, `${object.apiVersion}/${object.kind}`);
  }

  /** A converted copy; unknown fields are gone, fields that Go always writes are there. Throws `ConversionError`. */
  convert(object: KubeObject): KubeObject {
    const index = this.#table.kinds[`${object.apiVersion}/${object.kind}`];
    if (index === undefined) throw new ConversionError(`no type for ${object.apiVersion}/${object.kind}`);
    return this.#struct(index, object) as KubeObject;
  }

  #fieldsOf(index: number): Field[] {
    let fields = this.#fields.get(index);
    if (!fields) {
      fields = (this.#table.types[index] ?? []).map(parseField);
      this.#fields.set(index, fields);
    }
    return fields;
  }

  #struct(index: number, value: unknown): Record<string, unknown> {
    if (value !== undefined && !isRecord(value)) throw new ConversionError('cannot restore struct');
    const result: Record<string, unknown> = {};
    for (const { name, omit, type } of this.#fieldsOf(index)) {
      const given = value && Object.hasOwn(value, name) ? value[name] : undefined;
      if (given === undefined || given === null) {
        if (omit === 'never' || (omit === 'empty' && isStruct(type))) result[name] = this.#zero(type);
        continue;
      }
      const converted = this.#value(type, given);
      if (omit === 'never' || !isOmitted(type, omit, converted)) result[name] = converted;
    }
    return result;
  }

  #value(type: string, value: unknown): unknown {
    const letter = type[0] ?? '';
    if (value === null || value === undefined) return this.#zero(type);
    switch (letter) {
      case '*':
        return this.#value(type.slice(1), value);
      case '#':
        return this.#struct(Number(type.slice(1)), value);
      case '[':
        if (!Array.isArray(value)) throw new ConversionError('cannot restore slice');
        return value.map((item) => this.#value(type.slice(1), item));
      case '{':
        if (!isRecord(value)) throw new ConversionError('cannot restore map');
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#value(type.slice(1), item)]));
      default:
        return convertScalar(letter, value);
    }
  }

  #zero(type: string): unknown {
    if (type.startsWith('#')) return this.#struct(Number(type.slice(1)), undefined);
    return isScalarLetter(type) ? scalarZero(type) : null;
  }
}

function parseField(text: string): Field {
  const space = text.indexOf(' ');
  const name = text.slice(0, space);
  const rest = text.slice(space + 1);
  if (rest.startsWith('?')) return { name, omit: 'empty', type: rest.slice(1) };
  if (rest.startsWith('~')) return { name, omit: 'zero', type: rest.slice(1) };
  return { name, omit: 'never', type: rest };
}

/** Of struct kind in Go although it is a scalar in JSON: quantities, times, durations, IntOrString. */
function isStruct(type: string): boolean {
  return type.startsWith('#') || (type.length === 1 && 'oqtud'.includes(type));
}

/** `omitempty` looks at the Go kind: structs are never empty, pointers only when nil. */
function isOmitted(type: string, omit: Omit, value: unknown): boolean {
  switch (type[0]) {
    case '[':
      return omit === 'empty' && Array.isArray(value) && value.length === 0;
    case '{':
      return omit === 'empty' && isRecord(value) && Object.keys(value).length === 0;
    case 's':
    case 'y':
      return value === '';
    case 'i':
    case 'f':
      return value === 0 || value === 0n;
    case 'b':
      return value === false;
    case '#':
      return omit === 'zero' && isRecord(value) && Object.keys(value).length === 0;
    default:
      return value === null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
