import { formatMicroTime, formatQuantity, formatTime, parseQuantity, parseTime } from '@flux/gotypes';
import { getMember, setMember } from './deep.ts';
import type { JsonObject, JsonValue } from './object.ts';
import { type GoField, propertySchema, type Schema } from './schema.ts';

/**
 * What a value of a built-in kind looks like after the server's Go types decoded and wrote it: zero values that Go drops are
 * gone, members that it always writes are there, nulls of optional members vanish. Undeclared members are dropped as well.
 * Of a custom resource only the metadata is touched. Copy on write.
 */
export function normalizeTyped<T extends JsonValue>(value: T, schema: Schema): T {
  return normalize(value, schema) as T;
}

function normalize(value: JsonValue, schema: Schema): JsonValue {
  if (Array.isArray(value)) return normalizeList(value, schema);
  if (typeof value !== 'object' || value === null) return normalizeScalar(value, schema);
  if (schema.goFields !== undefined && schema.properties !== undefined) return normalizeStruct(value, schema);
  if (schema.properties !== undefined) return normalizeNamed(value, schema);
  return typeof schema.additionalProperties === 'object' ? normalizeMap(value, schema.additionalProperties) : value;
}

/** A custom resource keeps what it was given, but its metadata is decoded into a Go type. */
function normalizeNamed(value: JsonObject, schema: Schema): JsonObject {
  let result = value;
  for (const key of Object.keys(value)) {
    const property = propertySchema(schema, key);
    if (property?.definition === undefined) continue;
    const normal = normalize(value[key] ?? null, property);
    if (normal !== value[key]) result = { ...result, [key]: normal };
  }
  return result;
}

/** Quantities and times have one written form; what cannot be read stays for the validation to name. */
function normalizeScalar(value: JsonValue, schema: Schema): JsonValue {
  if (schema.format === 'quantity' && (typeof value === 'string' || typeof value === 'number')) {
    return canonical(() => formatQuantity(parseQuantity(String(value))), value);
  }
  if (schema.format === 'date-time' && typeof value === 'string') {
    const write = schema.definition === microTime ? formatMicroTime : formatTime;
    return canonical(() => write(parseTime(value)), value);
  }
  return value;
}

const microTime = 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime';

function canonical(format: () => string, value: JsonValue): JsonValue {
  try {
    return format();
  } catch {
    return value;
  }
}

function normalizeList(list: JsonValue[], schema: Schema): JsonValue[] {
  const { items } = schema;
  if (items === undefined) return list;
  const result = list.map((item) => normalize(item ?? zeroOf(items), items));
  return result.every((item, index) => item === list[index]) ? list : result;
}

function normalizeMap(map: JsonObject, schema: Schema): JsonObject {
  const result: JsonObject = {};
  let changed = false;
  for (const [key, member] of Object.entries(map)) {
    const normal = normalize(member ?? zeroOf(schema), schema);
    changed ||= normal !== member;
    setMember(result, key, normal);
  }
  return changed ? result : map;
}

function normalizeStruct(value: JsonObject, schema: Schema): JsonObject {
  const result: JsonObject = {};
  let changed = false;
  for (const key of Object.keys(value)) {
    const property = propertySchema(schema, key);
    const normal = property && normalizeField(value[key], property, schema.goFields?.[key]);
    changed ||= normal !== value[key];
    if (normal !== undefined) setMember(result, key, normal);
  }
  for (const [key, field] of Object.entries(schema.goFields ?? {})) {
    if (getMember(value, key) !== undefined || !alwaysWritten.has(field)) continue;
    const property = propertySchema(schema, key);
    if (property === undefined) continue;
    result[key] = normalizeField(undefined, property, field) ?? null;
    changed = true;
  }
  return changed ? result : value;
}

const alwaysWritten = new Set<GoField>(['a', 'q', 's', 'n', 'B']);

/** The member as written; undefined when Go leaves it out. */
function normalizeField(
  value: JsonValue | undefined,
  schema: Schema,
  field: GoField | undefined,
): JsonValue | undefined {
  const absent = value === undefined || value === null;
  switch (field) {
    case 'a':
      return absent ? zeroOf(schema) : normalize(value, schema);
    case 'z':
    case 'b':
      return absent || isZero(value) ? undefined : normalize(value, schema);
    case 'e':
      return absent || isEmptyCollection(value) ? undefined : normalize(value, schema);
    case 'n':
      return absent || isEmptyCollection(value) ? null : normalize(value, schema);
    case 'q':
    case 'B':
      return absent ? null : normalize(value, schema);
    case 's':
      return normalize(absent ? zeroOf(schema) : value, schema);
    case 'o': {
      const normal = absent ? undefined : normalize(value, schema);
      return normal === undefined || isEmptyCollection(normal) ? undefined : normal;
    }
    default:
      return absent ? undefined : normalize(value, schema);
  }
}

function isZero(value: JsonValue): boolean {
  return value === '' || value === 0 || value === 0n || value === false;
}

function isEmptyCollection(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** What Go writes for a value that was never set. */
function zeroOf(schema: Schema): JsonValue {
  switch (schema.format) {
    case 'int-or-string':
      return 0;
    case 'quantity':
      return '0';
    case 'date-time':
      return null;
  }
  switch (schema.type) {
    case 'string':
      return '';
    case 'integer':
    case 'number':
      return 0;
    case 'boolean':
      return false;
    case 'array':
      return null;
    default:
      return schema.properties === undefined ? null : {};
  }
}
