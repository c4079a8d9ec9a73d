import { getMember, setMember } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import { parseYaml } from '@flux/yaml';
import { isTable } from '../values/table.ts';
import { ChartError } from './chart-error.ts';
import { type FieldPlace, scalarText, targetOf, unmarshalProblem } from './unmarshal.ts';

/** A Go type as far as Chart.yaml and its like need them. */
export type GoType =
  | 'string'
  | 'bool'
  | 'any'
  | 'time'
  | { list: GoType; name: string }
  | { map: GoType; name: string }
  | { struct: Readonly<Record<string, GoType>>; name: string };

/** Commits such as `72445e2` are floats, which look like others only while they are small. */
const mayHoldFloat = /[\s:,[{+-]\d[\d_]*(?:\.\d*)?[eE]\+?\d|\d{7}\.0*(?:\s|$)/;

/** Reads YAML into a struct with the conversions and error texts of sigs.k8s.io/yaml: numbers become text where text is wanted. */
export function decodeYaml(text: string, type: GoType): unknown {
  let value: unknown;
  try {
    value = parseYaml(text, mayHoldFloat.test(text) ? { integralFloats: 'text' } : {});
  } catch (error) {
    throw new ChartError(`error converting YAML to JSON: ${messageOf(error)}`, { cause: error });
  }
  return new Decoder().decode(value, type, { struct: '', path: '' });
}

class Decoder {
  decode(value: unknown, type: GoType, place: FieldPlace): unknown {
    if (value === null || type === 'any') return value;
    if (type === 'string') return scalarText(value) ?? this.#fail(value, 'string', place);
    if (type === 'time') {
      if (typeof value === 'string') return value;
      throw new ChartError(
        'error unmarshaling JSON: while decoding JSON: Time.UnmarshalJSON: input is not a JSON string',
      );
    }
    if (type === 'bool') return typeof value === 'boolean' ? value : this.#fail(value, 'bool', place);
    if ('list' in type) return this.#list(value, type, place);
    if (!isTable(value)) return this.#fail(value, type.name, place);
    if ('map' in type) return this.#map(value, type.map, place);
    return this.#struct(value, type, place);
  }

  #list(value: unknown, type: { list: GoType; name: string }, place: FieldPlace): unknown {
    if (!Array.isArray(value)) return this.#fail(value, type.name, place);
    // A null among texts is an empty text; among structs it stays, for validation to find.
    return value.map((item) => this.decode(item, type.list, place) ?? (type.list === 'string' ? '' : null));
  }

  #map(value: Record<string, unknown>, element: GoType, place: FieldPlace): unknown {
    const decoded: Record<string, unknown> = {};
    for (const key of Object.keys(value)) setMember(decoded, key, this.decode(value[key], element, place) ?? '');
    return decoded;
  }

  /** Fields in the order of the struct; a key matches in any case, the exact one first, as in encoding/json. */
  #struct(
    value: Record<string, unknown>,
    type: { struct: Readonly<Record<string, GoType>>; name: string },
    at: FieldPlace,
  ) {
    const decoded: Record<string, unknown> = {};
    const short = type.name.slice(type.name.lastIndexOf('.') + 1);
    const keys = new Map(Object.keys(value).map((key) => [key.toLowerCase(), key]));
    for (const [field, fieldType] of Object.entries(type.struct)) {
      const key = Object.hasOwn(value, field) ? field : keys.get(field.toLowerCase());
      if (key === undefined) continue;
      const path = at.path === '' ? field : `${at.path}.${field}`;
      const read = this.decode(getMember(value, key), fieldType, { struct: short, path });
      if (read !== null && read !== undefined) decoded[field] = read;
    }
    return decoded;
  }

  #fail(value: unknown, type: string, place: FieldPlace): never {
    const problem = unmarshalProblem(value, targetOf(place, type));
    throw new ChartError(`error unmarshaling JSON: while decoding JSON: ${problem}`);
  }
}
