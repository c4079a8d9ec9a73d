import { GoDecodeError } from './decode-error.ts';
import { canonicalDuration, canonicalMicroTime, canonicalQuantity, canonicalTime, decodeBase64 } from './scalars.ts';

/** `written`: always in the JSON. `omitted`: `omitempty`. `never`: `omitzero`. */
export interface GoField {
  name: string;
  /** In the protobuf form; 0 for none. */
  number: number;
  zero: 'written' | 'omitted' | 'never';
  type: GoType;
}

export type GoType =
  | { kind: 'pointer' | 'list' | 'map'; of: GoType }
  | { kind: 'struct'; name: string; fields: () => GoField[] }
  | { kind: 'scalar'; code: string };

export interface DecodeContext {
  /** Receives `unknown field "…"` and `duplicate field "…"` in document order. */
  strict: string[];
  /** Members that occurred twice, per parsed object. */
  duplicates?: ReadonlyMap<object, ReadonlySet<string>>;
}

const omitted = Symbol('omitted');

export function isOmitted(value: unknown): boolean {
  return value === omitted;
}

/** The canonical JSON of one field as Go would write it after reading `value`; `omitted` when it would not be written. */
export function decodeField(field: GoField, value: unknown, path: string, context: DecodeContext): unknown {
  const { type } = field;
  switch (type.kind) {
    case 'pointer':
      if (value === undefined || value === null) return field.zero === 'written' ? null : omitted;
      return decodeValue(type.of, value, path, context);
    case 'list':
    case 'map': {
      if (value === undefined || value === null) return field.zero === 'written' ? null : omitted;
      const decoded = decodeValue(type, value, path, context) as object;
      if (Object.keys(decoded).length > 0) return decoded;
      // Storage keeps objects in a form that does not know empty from absent.
      return field.zero === 'written' ? null : omitted;
    }
    case 'struct': {
      const decoded = decodeValue(type, value ?? {}, path, context) as object;
      return field.zero === 'never' && Object.keys(decoded).length === 0 ? omitted : decoded;
    }
    case 'scalar':
      return decodeScalarField(field, type.code, value, path);
  }
}

/** Structs in Go are written even when `omitempty` is set; their zero forms are these. */
const structZero: Record<string, unknown> = { T: null, M: null, D: '0s', I: 0, Q: '0' };

function decodeScalarField(field: GoField, code: string, value: unknown, path: string): unknown {
  if (value === undefined || value === null) {
    if (code === 'x' || code === 'o') return omitted;
    if (code === 'y') return field.zero === 'written' ? null : omitted;
    if (Object.hasOwn(structZero, code)) return field.zero === 'never' ? omitted : structZero[code];
    return field.zero === 'written' ? zeroOf(code) : omitted;
  }
  const decoded = decodeScalar(code, value, path);
  if (field.zero === 'written' || Object.hasOwn(structZero, code)) return decoded;
  return decoded === '' || decoded === 0 || decoded === false ? omitted : decoded;
}

function zeroOf(code: string): unknown {
  return code === 's' ? '' : code === 'b' ? false : code === 'x' || code === 'o' ? null : 0;
}

function decodeValue(type: GoType, value: unknown, path: string, context: DecodeContext): unknown {
  switch (type.kind) {
    case 'pointer':
      return value === null ? null : decodeValue(type.of, value, path, context);
    case 'list':
      if (!Array.isArray(value)) throw wrongType(value, path, 'a list');
      return value.map((item, index) => decodeItem(type.of, item, `${path}[${index}]`, context));
    case 'map':
      return decodeMap(type.of, value, path, context);
    case 'struct':
      return decodeMembers(type.fields(), value, path, context);
    case 'scalar':
      return decodeScalar(type.code, value, path);
  }
}

function decodeItem(type: GoType, value: unknown, path: string, context: DecodeContext): unknown {
  if (value !== null) return decodeValue(type, value, path, context);
  if (type.kind === 'struct') return decodeValue(type, {}, path, context);
  if (type.kind === 'scalar') return Object.hasOwn(structZero, type.code) ? structZero[type.code] : zeroOf(type.code);
  return null;
}

function asObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(value, path, 'an object');
  return value as Record<string, unknown>;
}

function decodeMap(of: GoType, value: unknown, path: string, context: DecodeContext): unknown {
  const source = asObject(value, path);
  const duplicates = context.duplicates?.get(source);
  const result: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(source)) {
    const at = path ? `${path}.${key}` : key;
    if (duplicates?.has(key)) context.strict.push(`duplicate field ${JSON.stringify(at)}`);
    result[key] = decodeItem(of, source[key], at, context);
  }
  return plain(result);
}

/** Gives the result the ordinary prototype without letting a member called `__proto__` set it. */
function plain(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members));
}

function decodeMembers(fields: GoField[], value: unknown, path: string, context: DecodeContext): unknown {
  const source = asObject(value, path);
  const duplicates = context.duplicates?.get(source);
  const decoded = new Map<string, unknown>();
  const byName = indexOf(fields);
  for (const key of Object.keys(source)) {
    const field = byName.get(key);
    const at = path ? `${path}.${key}` : key;
    if (!field) {
      context.strict.push(`unknown field ${JSON.stringify(at)}`);
      continue;
    }
    if (duplicates?.has(key)) context.strict.push(`duplicate field ${JSON.stringify(at)}`);
    decoded.set(key, decodeField(field, source[key], at, context));
  }
  const result: Record<string, unknown> = {};
  for (const field of fields) {
    const item = decoded.has(field.name) ? decoded.get(field.name) : decodeField(field, undefined, '', context);
    if (item !== omitted) result[field.name] = item;
  }
  return result;
}

const indexes = new WeakMap<GoField[], Map<string, GoField>>();

function indexOf(fields: GoField[]): Map<string, GoField> {
  let index = indexes.get(fields);
  if (!index) {
    index = new Map(fields.map((field) => [field.name, field]));
    indexes.set(fields, index);
  }
  return index;
}

function decodeScalar(code: string, value: unknown, path: string): unknown {
  switch (code) {
    case 's':
      if (typeof value !== 'string') throw wrongType(value, path, 'string');
      return value;
    case 'b':
      if (typeof value !== 'boolean') throw wrongType(value, path, 'bool');
      return value;
    case 'i':
    case 'l':
      return decodeInteger(code, value, path);
    case 'f':
      if (typeof value !== 'number' && typeof value !== 'bigint') throw wrongType(value, path, 'float64');
      return value;
    case 'I':
      if (typeof value === 'string') return value;
      return decodeInteger('i', value, path);
    case 'x':
    case 'o':
      return value;
    default:
      return decodeText(code, value, path);
  }
}

function decodeInteger(code: string, value: unknown, path: string): unknown {
  if (typeof value === 'bigint' && code === 'l') return value;
  if (typeof value !== 'number') throw wrongType(value, path, code === 'i' ? 'int32' : 'int64');
  const max = code === 'i' ? 0x7fffffff : Number.MAX_SAFE_INTEGER;
  if (!Number.isInteger(value) || Math.abs(value) > max + (value < 0 ? 1 : 0)) {
    throw new GoDecodeError(
      `json: cannot unmarshal number ${value} into Go struct field ${path} of type ${code === 'i' ? 'int32' : 'int64'}`,
    );
  }
  return value;
}

function decodeText(code: string, value: unknown, path: string): unknown {
  if (code === 'Q' && (typeof value === 'number' || typeof value === 'bigint')) return canonicalQuantity(String(value));
  if (typeof value !== 'string') throw wrongType(value, path, 'string');
  switch (code) {
    case 'Q':
      return canonicalQuantity(value);
    case 'T':
      return canonicalTime(value);
    case 'M':
      return canonicalMicroTime(value);
    case 'D':
      return canonicalDuration(value);
    default:
      return decodeBase64(value);
  }
}

function wrongType(value: unknown, path: string, wanted: string): GoDecodeError {
  const shown = Array.isArray(value)
    ? 'array'
    : value === null
      ? 'null'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value;
  return new GoDecodeError(`json: cannot unmarshal ${shown} into Go struct field ${path} of type ${wanted}`);
}
