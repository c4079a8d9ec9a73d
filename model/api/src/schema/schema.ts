import type { JsonValue } from '@flux/apimachinery';

/** A CEL rule of `x-kubernetes-validations`. */
interface CelRule {
  rule: string;
  message: string;
  /** Published versions that have the rule; absent means all. */
  versions?: readonly string[];
}

export interface SchemaNode {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean' | 'any';
  readonly doc?: string;
  /** The text is a Go duration, which Go prints in one form only. */
  readonly duration?: true;
  readonly default?: JsonValue;
  readonly enum?: readonly string[];
  readonly format?: 'date-time' | 'int32' | 'int64';
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly rules?: readonly CelRule[];
  readonly fields?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly values?: Schema;
}

/** A structural schema and, as a phantom, the TypeScript type of what it accepts. */
export interface Schema<T = unknown> {
  readonly node: SchemaNode;
  /** Published versions that have this field; absent means all. */
  readonly versions?: readonly string[];
  /** Published versions that require it, of those that have it. */
  readonly requiredIn?: 'all' | readonly string[];
  /** Versions whose published schema of this field differs. */
  readonly overrides?: Readonly<Record<string, Schema>>;
  readonly infer?: T;
}

/** A field that its object must have. */
interface RequiredSchema<T = unknown> extends Schema<T> {
  readonly requiredIn: 'all' | readonly string[];
}

type Flat<T> = { [K in keyof T]: T[K] } & {};
type Fields = Readonly<Record<string, Schema>>;

/** The TypeScript type that a schema describes. */
export type Infer<S> = S extends Schema<infer T> ? T : never;

type InferFields<F extends Fields> = Flat<
  { -readonly [K in keyof F as F[K] extends RequiredSchema ? K : never]: Infer<F[K]> } & {
    -readonly [K in keyof F as F[K] extends RequiredSchema ? never : K]?: Infer<F[K]>;
  }
>;

type Options = Omit<SchemaNode, 'type' | 'doc' | 'fields' | 'items' | 'values' | 'enum'>;

export function str(doc: string, options: Options = {}): Schema<string> {
  return { node: { type: 'string', doc, ...options } };
}

export function bool(doc: string, options: Options = {}): Schema<boolean> {
  return { node: { type: 'boolean', doc, ...options } };
}

export function int(doc: string): Schema<number> {
  return { node: { type: 'integer', doc } };
}

export function int64(doc: string, options: Options = {}): Schema<number> {
  return { node: { type: 'integer', format: 'int64', doc, ...options } };
}

/** An RFC 3339 time. */
export function time(doc: string): Schema<string> {
  return { node: { type: 'string', format: 'date-time', doc } };
}

/** A Go duration of hours, minutes, seconds and milliseconds (KUS-API-05, SRC-VER-11). */
export function duration(doc: string, options: Options = {}): Schema<string> {
  return str(doc, { duration: true, pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$', ...options });
}

/** A Go duration below an hour's unit, as source timeouts are (SRC-VER-11). */
export function shortDuration(doc: string, options: Options = {}): Schema<string> {
  return str(doc, { duration: true, pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m))+$', ...options });
}

export function enumOf<const V extends string>(doc: string, values: readonly V[], options: Options = {}): Schema<V> {
  return { node: { type: 'string', doc, enum: values, ...options } };
}

/** Any JSON value, kept as it is; a narrower type is what the reader of the field checks. */
export function any<T extends JsonValue = JsonValue>(doc: string): Schema<T> {
  return { node: { type: 'any', doc } };
}

export function list<T>(doc: string, items: Schema<T>, options: Options = {}): Schema<T[]> {
  return { node: { type: 'array', doc, items, ...options } };
}

export function map<T>(doc: string, values: Schema<T>, options: Options = {}): Schema<Record<string, T>> {
  return { node: { type: 'object', doc, values, ...options } };
}

export function obj<const F extends Fields>(doc: string, fields: F, options: Options = {}): Schema<InferFields<F>> {
  return { node: { type: 'object', doc, fields, ...options } };
}

/** Marks a field that every version requires. */
export function required<T>(schema: Schema<T>): RequiredSchema<T> {
  return { ...schema, requiredIn: 'all' };
}

/** Marks a field that only these versions require; the storage version then leaves it optional. */
export function requiredIn<T>(versions: readonly string[], schema: Schema<T>): RequiredSchema<T> {
  return { ...schema, requiredIn: versions };
}

/** As `requiredIn`, for a field that objects of the storage version may lack. */
export function formerlyRequired<T>(versions: readonly string[], schema: Schema<T>): Schema<T> {
  return requiredIn(versions, schema);
}

/** Marks a field that only these versions published; the storage version keeps it all the same. */
export function only<T>(versions: readonly string[], schema: Schema<T>): Schema<T> {
  return { ...schema, versions };
}

/** Gives a field another schema in some versions. */
export function at<T>(overrides: Readonly<Record<string, Schema>>, schema: Schema<T>): Schema<T> {
  return { ...schema, overrides };
}
