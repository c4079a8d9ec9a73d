import table from './go-types.generated.json' with { type: 'json' };
import { type DecodeContext, decodeField, type GoField, type GoType, isOmitted } from './go-value.ts';

const text = table as Record<string, Record<string, string>>;
const compiled = new Map<string, GoField[]>();

/** Fields of a Go API struct by the name of its OpenAPI definition; `undefined` for an unknown definition. */
export function fieldsOf(definition: string): GoField[] | undefined {
  let fields = compiled.get(definition);
  if (!fields) {
    const source = text[definition];
    if (!source) return undefined;
    fields = [];
    compiled.set(definition, fields);
    for (const [name, code] of Object.entries(source)) if (!name.startsWith('+')) fields.push(parseField(name, code));
  }
  return fields;
}

const jsonSchemaProps = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';

/** `3!*s`: protobuf field 3, written even when empty, pointer to string. */
function parseField(name: string, text: string): GoField {
  const [, number = '', code = ''] = /^(\d*)(.*)$/.exec(text) ?? [];
  const zero = code.startsWith('!') ? 'written' : code.startsWith('~') ? 'never' : 'omitted';
  return { name, number: Number(number), zero, type: parseType(zero === 'omitted' ? code : code.slice(1)) };
}

/** Embedded structs by their protobuf number: their members belong to the outer object. */
export function embeddedOf(definition: string): Map<number, string> {
  const entries = Object.entries(text[definition] ?? {}).filter(([name]) => name.startsWith('+'));
  return new Map(entries.map(([name, target]) => [Number(name.slice(1)), target]));
}

function parseType(code: string): GoType {
  if (code.startsWith('*')) return { kind: 'pointer', of: parseType(code.slice(1)) };
  if (code.startsWith('[]')) return { kind: 'list', of: parseType(code.slice(2)) };
  if (code.startsWith('{}')) return { kind: 'map', of: parseType(code.slice(2)) };
  if (code === 'J') return { kind: 'struct', name: jsonSchemaProps, fields: () => fieldsOf(jsonSchemaProps)! };
  if (code.length === 1) return { kind: 'scalar', code };
  return { kind: 'struct', name: code, fields: () => fieldsOf(code) ?? [] };
}

/** Decodes a value as the struct of `definition`, with Go's rules for unknown, null and zero members. */
export function decodeStruct(definition: string, value: unknown, context: DecodeContext): Record<string, unknown> {
  const type: GoType = { kind: 'struct', name: definition, fields: () => fieldsOf(definition) ?? [] };
  const field: GoField = { name: '', number: 0, zero: 'written', type };
  const decoded = decodeField(field, value, '', context);
  return isOmitted(decoded) ? {} : (decoded as Record<string, unknown>);
}
