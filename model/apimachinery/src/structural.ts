import type { JsonValue } from './object.ts';
import type { Schema, SchemaType, ValidationRule } from './schema.ts';

type Raw = Readonly<Record<string, unknown>>;

const copied = [
  'format',
  'title',
  'description',
  'nullable',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'required',
  'enum',
] as const;

const renamed = {
  'x-kubernetes-preserve-unknown-fields': 'preserveUnknownFields',
  'x-kubernetes-int-or-string': 'intOrString',
  'x-kubernetes-embedded-resource': 'embeddedResource',
  'x-kubernetes-list-type': 'listType',
  'x-kubernetes-list-map-keys': 'listMapKeys',
  'x-kubernetes-map-type': 'mapType',
  'x-kubernetes-patch-strategy': 'patchStrategy',
  'x-kubernetes-patch-merge-key': 'patchMergeKey',
} as const;

function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads an `openAPIV3Schema` as a `Schema`. It takes what it knows and ignores the rest; whether the schema is structural is
 * the CRD's validation to say.
 */
export function structuralFromOpenApi(raw: Readonly<Record<string, unknown>>): Schema {
  const schema: Record<string, unknown> = {};
  if (typeof raw['type'] === 'string' && raw['type'] !== '') schema['type'] = raw['type'] as SchemaType;
  for (const key of copied) if (raw[key] !== undefined && raw[key] !== null) schema[key] = raw[key];
  for (const [from, to] of Object.entries(renamed)) {
    if (raw[from] !== undefined && raw[from] !== null) schema[to] = raw[from];
  }
  if (Object.hasOwn(raw, 'default')) schema['default'] = raw['default'] as JsonValue;
  readChildren(raw, schema);
  const rules = raw['x-kubernetes-validations'];
  if (Array.isArray(rules)) schema['validations'] = rules.filter(isRaw) as unknown as ValidationRule[];
  return schema;
}

function readChildren(raw: Raw, schema: Record<string, unknown>): void {
  if (isRaw(raw['properties'])) {
    const properties: Record<string, Schema> = Object.create(null);
    for (const [key, value] of Object.entries(raw['properties'])) {
      properties[key] = structuralFromOpenApi(isRaw(value) ? value : {});
    }
    schema['properties'] = properties;
  }
  const values = raw['additionalProperties'];
  if (typeof values === 'boolean') schema['additionalProperties'] = values;
  else if (isRaw(values)) schema['additionalProperties'] = structuralFromOpenApi(values);
  if (isRaw(raw['items'])) schema['items'] = structuralFromOpenApi(raw['items']);
  for (const key of ['allOf', 'anyOf', 'oneOf'] as const) {
    const list = raw[key];
    if (Array.isArray(list)) schema[key] = list.filter(isRaw).map(structuralFromOpenApi);
  }
  if (isRaw(raw['not'])) schema['not'] = structuralFromOpenApi(raw['not']);
}
