import type { JsonObject, JsonValue } from '@flux/apimachinery';
import type { Schema, SchemaNode } from './schema.ts';

/**
 * Which form of a schema is meant: what one version published, or the union of all versions in which objects are stored.
 * There is no conversion webhook, so the API server prunes stored objects by the storage version's schema alone: it has to
 * keep every field that any served version knows (SRC-VER-01, KUS-API-01).
 */
export interface SchemaForm {
  version: string;
  /** All versions of the kind; given for the union form. */
  unionOf?: readonly string[];
}

/** The schema in OpenAPI v3, structural as CRDs need it. */
export function toOpenApi(schema: Schema, form: SchemaForm): JsonObject {
  const { node } = schema.overrides?.[form.version] ?? schema;
  const scalar = scalarKeywords(node);
  const enumeration = enumOf(schema, node, form);
  return {
    ...scalar,
    ...(enumeration ? { enum: [...enumeration] } : {}),
    ...(node.items ? { items: toOpenApi(node.items, form) } : {}),
    ...(node.values ? { additionalProperties: toOpenApi(node.values, form) } : {}),
    ...(node.fields ? objectKeywords(node.fields, form) : {}),
    ...ruleKeywords(node, form),
  };
}

function scalarKeywords(node: SchemaNode): JsonObject {
  if (node.type === 'any') {
    return { ...(node.doc ? { description: node.doc } : {}), 'x-kubernetes-preserve-unknown-fields': true };
  }
  const keywords: [string, JsonValue | undefined][] = [
    ['type', node.type],
    ['description', node.doc],
    ['default', node.default],
    ['format', node.format],
    ['pattern', node.pattern],
    ['minLength', node.minLength],
    ['maxLength', node.maxLength],
    ['minimum', node.minimum],
    ['maximum', node.maximum],
    ['minItems', node.minItems],
    ['maxItems', node.maxItems],
  ];
  return Object.fromEntries(keywords.filter((entry): entry is [string, JsonValue] => entry[1] !== undefined));
}

function ruleKeywords({ rules = [] }: SchemaNode, { version }: SchemaForm): JsonObject {
  const applicable = rules.filter(({ versions }) => versions === undefined || versions.includes(version));
  if (applicable.length === 0) return {};
  return { 'x-kubernetes-validations': applicable.map(({ message, rule }) => ({ message, rule })) };
}

/** In the union a value that any version accepted stays acceptable. */
function enumOf(schema: Schema, node: SchemaNode, form: SchemaForm): readonly string[] | undefined {
  if (!node.enum || !form.unionOf) return node.enum;
  const older = Object.values(schema.overrides ?? {}).map((override) => override.node.enum ?? []);
  return [...new Set([node.enum, ...older].flat())];
}

function objectKeywords(fields: Readonly<Record<string, Schema>>, form: SchemaForm): JsonObject {
  const names = Object.keys(fields).filter((name) => isPresent(fields[name]!, form));
  const requiredNames = names.filter((name) => isRequired(fields[name]!, form)).sort();
  const properties = Object.fromEntries(names.map((name) => [name, toProperty(fields[name]!, form)]));
  return { properties, ...(requiredNames.length > 0 ? { required: requiredNames } : {}) };
}

/** A field that the storage version only keeps for older ones must not appear by default in new objects. */
function toProperty(field: Schema, form: SchemaForm): JsonObject {
  const property = toOpenApi(field, form);
  if (form.unionOf && field.versions && !field.versions.includes(form.version)) delete property['default'];
  return property;
}

function isPresent(field: Schema, { version, unionOf }: SchemaForm): boolean {
  return unionOf !== undefined || field.versions === undefined || field.versions.includes(version);
}

function isRequired(field: Schema, { version, unionOf }: SchemaForm): boolean {
  if (field.requiredIn === undefined) return false;
  const versions = unionOf ?? [version];
  return versions.every(
    (each) => (field.requiredIn === 'all' || field.requiredIn?.includes(each)) && isPresent(field, { version: each }),
  );
}
