import { CelFormatted } from '@flux/cel';
import { isJsonObject, setMember } from '../deep.ts';
import type { JsonObject, JsonValue } from '../object.ts';
import { memberSchema, propertySchema, type Schema } from '../schema.ts';

const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** The name by which a rule reads a property: `x-y` is `x__dash__y`, `namespace` is `__namespace__`; undefined: it cannot. */
export function escapeProperty(name: string): string | undefined {
  if (reserved.has(name)) return `__${name}__`;
  if (!/^[a-zA-Z_.\-/][a-zA-Z0-9_.\-/]*$/.test(name)) return undefined;
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
}

/** A value as rules see it: declared properties under their escaped names, map keys as they are, text by its format. */
export function celValue(value: JsonValue, schema: Schema | undefined): unknown {
  if (schema === undefined || value === null) return value;
  if (typeof value === 'string') return formatted(value, schema);
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => celValue(item, schema.items));
  const result: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    const isProperty = propertySchema(schema, key) !== undefined;
    const name = isProperty ? escapeProperty(key) : key;
    if (name === undefined) continue;
    const seen = celValue(member, memberSchema(schema, key));
    setMember(result as JsonObject, name, seen as JsonValue);
    // Rules may also write words of the language as they are.
    if (isProperty && reserved.has(key)) setMember(result as JsonObject, key, seen as JsonValue);
  }
  return result;
}

function formatted(text: string, { type, format }: Schema): unknown {
  return type === 'string' && CelFormatted.isFormat(format) ? new CelFormatted(text, format) : text;
}

/** What a rule at the root of a resource may read besides the declared fields. */
export function celRoot(value: JsonValue, schema: Schema): unknown {
  const result = celValue(value, schema);
  if (!isJsonObject(value)) return result;
  const { metadata } = value as JsonObject;
  if (!isJsonObject(metadata)) return result;
  const { name, generateName } = metadata as JsonObject;
  const visible = { ...(name !== undefined && { name }), ...(generateName !== undefined && { generateName }) };
  return { ...(result as object), metadata: visible };
}
