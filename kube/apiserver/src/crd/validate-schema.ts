import { type JsonValue, pruneUnknown, structuralFromOpenApi, validateValue } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import { compileRegexp } from '@flux/regexp';
import { type FieldError, forbiddenField, invalidField, requiredField } from '../status.ts';
import { type Fields, list } from '../strategies/fields.ts';
import { ruleErrors } from './compile-rules.ts';
import {
  local,
  type SchemaError,
  validateJunctors,
  validateRuleMembers,
  validateSchemaMembers,
} from './schema-rules.ts';

export interface SchemaOptions {
  /** The schema is stored already: its rules were compiled when it was, and cost what they cost. */
  readonly isUnchanged?: boolean;
}

/** Is an openAPIV3Schema structural, and are its defaults, patterns and rules sound? */
export function validateCrdSchema(schema: Fields, path: string, options: SchemaOptions = {}): FieldError[] {
  const errors = validateNode(schema, path, true);
  if (schema['type'] === undefined) errors.push(requiredField(`${path}.type`, 'must not be empty at the root'));
  else if (schema['type'] !== 'object')
    errors.push(invalidField(`${path}.type`, schema['type'], 'must be object at the root'));
  if (schema['nullable']) errors.push(forbiddenField(`${path}.nullable`, 'nullable cannot be true at the root'));
  const metadata = schema['properties']?.metadata;
  const allowed = new Set(['name', 'generateName']);
  const isPlain =
    !metadata ||
    (Object.keys(metadata.properties ?? {}).every((key) => allowed.has(key)) &&
      metadata.additionalProperties === undefined);
  if (!isPlain) {
    const detail = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
    errors.push(forbiddenField(`${path}.properties[metadata]`, detail));
  }
  if (errors.every(({ effect }) => effect === 'local')) {
    const broken = errors.map(({ within }) => within!);
    return options.isUnchanged ? errors : [...errors, ...ruleErrors(schema, path, broken)];
  }
  // What cannot be read as a structure is not looked at as one.
  const isStructure = errors.every(({ effect }) => effect !== 'no-structure');
  return isStructure ? errors : errors.filter(({ effect }) => effect !== 'no-type');
}

function validateNode(schema: Fields, path: string, isRoot = false): SchemaError[] {
  const errors: SchemaError[] = [];
  for (const [key, child] of Object.entries<Fields>(schema['properties'] ?? {})) {
    const at = `${path}.properties[${key}]`;
    errors.push(...validateNode(child, at), ...requireType(child, at, 'object fields'));
  }
  const { items, additionalProperties } = schema;
  if (schema['type'] === 'array' && !items) errors.push(requiredField(`${path}.items`, 'must be specified'));
  if (items && !Array.isArray(items))
    errors.push(...validateNode(items, `${path}.items`), ...requireType(items, `${path}.items`, 'array items'));
  if (typeof additionalProperties === 'object' && additionalProperties !== null) {
    const at = `${path}.additionalProperties`;
    errors.push(...validateNode(additionalProperties, at), ...requireType(additionalProperties, at, 'object fields'));
  }
  return [...errors, ...validateOwn(schema, path, isRoot)];
}

function validateTypeMeta({ properties = {} }: Fields, path: string): FieldError[] {
  return ['apiVersion', 'kind'].flatMap((name) => {
    const type = properties[name]?.type;
    const at = `${path}.properties[${name}].type`;
    return type === undefined || type === 'string' ? [] : [invalidField(at, type, 'must be string')];
  });
}

function requireType(schema: Fields, path: string, where: string): SchemaError[] {
  const isFree = schema['x-kubernetes-int-or-string'] || schema['x-kubernetes-preserve-unknown-fields'];
  if (schema['type'] || isFree) return [];
  return [{ ...requiredField(`${path}.type`, `must not be empty for specified ${where}`), effect: 'no-type' }];
}

function validateOwn(schema: Fields, path: string, isRoot: boolean): SchemaError[] {
  return [
    ...validateSchemaMembers(schema, path),
    ...validateJunctors(schema, path),
    ...(isRoot || schema['x-kubernetes-embedded-resource'] ? validateTypeMeta(schema, path) : []),
    ...validateDefault(schema, path),
    ...local(path, [
      ...validatePattern(schema, path),
      ...validateListKeys(schema, path),
      ...validateRules(schema, path),
    ]),
  ];
}

function validatePattern({ pattern }: Fields, path: string): FieldError[] {
  if (!pattern) return [];
  try {
    compileRegexp(pattern);
    return [];
  } catch (error) {
    const why = messageOf(error);
    return [invalidField(`${path}.pattern`, pattern, `must be a valid regular expression, but isn't: ${why}`)];
  }
}

function validateDefault(schema: Fields, path: string): FieldError[] {
  if (schema['default'] === undefined) return [];
  const structural = structuralFromOpenApi(schema);
  const at = `${path}.default`;
  const value = schema['default'] as JsonValue;
  const { pruned } = pruneUnknown({ value }, { type: 'object', properties: { value: structural } });
  const unknown = pruned.length > 0 ? [invalidField(at, value, 'must not have unknown fields')] : [];
  const problems = validateValue(value, structural, { path: at });
  // Whether items of a list are unique is only asked of objects.
  return [...unknown, ...problems.filter(({ field, type }) => field !== '<nil>' && type !== 'FieldValueDuplicate')];
}

function validateListKeys(schema: Fields, path: string): FieldError[] {
  if (schema['x-kubernetes-list-type'] !== 'map') return [];
  const keys = list(schema['x-kubernetes-list-map-keys']) as unknown as string[];
  if (keys.length === 0) {
    return [requiredField(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map')];
  }
  const required: string[] = schema['items']?.required ?? [];
  const known = Object.keys(schema['items']?.properties ?? {});
  const missing = keys.filter(
    (key) =>
      known.includes(key) && !required.includes(key) && schema['items']?.properties?.[key]?.default === undefined,
  );
  return missing.map((key) =>
    requiredField(
      `${path}.items.properties[${key}].default`,
      'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
    ),
  );
}

/** What rules say beside their expressions. */
function validateRules(schema: Fields, path: string): FieldError[] {
  return list(schema['x-kubernetes-validations']).flatMap((rule, index) => {
    const at = `${path}.x-kubernetes-validations[${index}]`;
    return rule['rule']?.trim()
      ? validateRuleMembers(rule, schema, at)
      : [requiredField(`${at}.rule`, 'rule is not specified')];
  });
}
