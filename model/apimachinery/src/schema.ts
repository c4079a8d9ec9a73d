import type { JsonValue } from './object.ts';

export type SchemaType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';

/** A CEL rule of `x-kubernetes-validations`. */
export interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate';
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

/**
 * The shape of a value: the structural part of OpenAPI v3 with the Kubernetes extensions under plain names. Built-in kinds
 * (`@flux/builtin`) and custom resources (`structuralFromOpenApi`) share it. Schemas are immutable and may be recursive
 * (properties of built-in kinds resolve lazily), so walk a value along its schema, never a schema alone.
 */
export interface Schema {
  /** Absent for "anything" and for int-or-string. */
  readonly type?: SchemaType;
  readonly format?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: JsonValue;
  readonly nullable?: boolean;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly additionalProperties?: Schema | boolean | undefined;
  readonly items?: Schema | undefined;
  readonly required?: readonly string[];
  readonly enum?: readonly JsonValue[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;
  readonly preserveUnknownFields?: boolean;
  readonly intOrString?: boolean;
  readonly embeddedResource?: boolean;
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  readonly mapType?: 'atomic' | 'granular';
  /** Comma-separated: `merge`, `replace`, `retainKeys`; built-in kinds only. */
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
  readonly validations?: readonly ValidationRule[];
  /** How the server's Go type writes each property; built-in kinds only, see `normalizeTyped`. */
  readonly goFields?: Readonly<Record<string, GoField>> | undefined;
  /** Definition name of a built-in type, such as `io.k8s.api.core.v1.Container`. */
  readonly definition?: string;
}

/**
 * How the zero value of a Go field is written:
 * a: always; z: dropped; p: absent when nil, zero kept (pointer); q: null when nil (pointer); s: struct, always; o: struct,
 * dropped when zero; e: empty list or map dropped; n: nil list or map is null; b: empty bytes dropped; B: bytes always.
 */
export type GoField = 'a' | 'z' | 'p' | 'q' | 's' | 'o' | 'e' | 'n' | 'b' | 'B';

/** The schema of a property; safe for keys such as `__proto__`. */
export function propertySchema(schema: Schema, key: string): Schema | undefined {
  const properties = schema.properties;
  return properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
}

/** The schema of the value at `key` of an object: its property, else what additionalProperties says, else undefined. */
export function memberSchema(schema: Schema, key: string): Schema | undefined {
  const property = propertySchema(schema, key);
  if (property !== undefined) return property;
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}
