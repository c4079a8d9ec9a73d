import { Buffer } from 'node:buffer';
import { formatTime } from '@flux/gotypes';
import { CelAuthorizer } from './authorizer.ts';
import { CelFormatted } from './formatted.ts';
import { CelObject, checkTypeNames } from './object-literals.ts';

/** JSON as CEL sees it: whole numbers are int (bigint), others double. Objects and arrays are copied, once. */
export function toCelValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toCelValue);
  if (value === null || typeof value !== 'object' || value instanceof CelAuthorizer) return value;
  if (value instanceof CelFormatted) return value.toCel();
  // A null prototype: `self.constructor` has to be a missing key, not a function.
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, member] of Object.entries(value)) copy[key] = toCelValue(member);
  return copy;
}

/** The result as JSON: int becomes number where that is exact, times and durations their text, bytes base64. */
export function fromCelValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(fromCelValue);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, member]) => [key, fromCelValue(member)]));
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof CelObject) return fromCelObject(value);
  if (value instanceof Date || isDuration(value)) return formatCelText(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (isOptional(value)) return value.hasValue() ? fromCelValue(value.value()) : null;
  if (isPlain(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromCelValue(item)]));
  const primitive: unknown = value.valueOf();
  if (typeof primitive === 'bigint') return fromCelValue(primitive); // uint
  return String((value as { name?: unknown }).name ?? value); // a type
}

function fromCelObject(object: CelObject): unknown {
  if (object.typeName === 'Object') checkTypeNames(object, 'Object');
  return Object.fromEntries([...object.fields].map(([name, field]) => [name, fromCelValue(field)]));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

interface OptionalValue {
  hasValue(): boolean;
  value(): unknown;
}

function isOptional(value: object): value is OptionalValue {
  return 'hasValue' in value && typeof value.hasValue === 'function';
}

interface CelDuration {
  seconds: bigint;
  nanos: number;
}

function isDuration(value: object): value is CelDuration {
  return 'seconds' in value && 'nanos' in value && typeof value.seconds === 'bigint' && typeof value.nanos === 'number';
}

/** CEL's `==` for values of any type: numbers by value, collections by their members. */
export function areEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (isNumeric(left) && isNumeric(right)) return left >= right && left <= right; // across types
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => areEqual(item, right[index]));
  }
  if (left instanceof Date || right instanceof Date || isDuration(left) || isDuration(right)) {
    return left.constructor === right.constructor && formatCelText(left) === formatCelText(right);
  }
  const entries = entriesOf(left);
  const others = new Map(entriesOf(right));
  return (
    entries.length === others.size && entries.every(([key, item]) => others.has(key) && areEqual(item, others.get(key)))
  );
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function entriesOf(value: object): [unknown, unknown][] {
  return value instanceof Map ? [...value.entries()] : Object.entries(value);
}

/** What `string()` and the `%s` of `format` make of a value; text inside collections is quoted. */
export function formatCelText(value: unknown): string {
  return typeof value === 'string' ? value : formatMember(value);
}

function formatMember(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return formatDouble(value);
  if (Array.isArray(value)) return `[${value.map(formatMember).join(', ')}]`;
  if (value instanceof Date) return formatDate(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value !== 'object' || value === null) return String(value);
  if (isDuration(value)) return `${value.seconds}${formatNanos(value.nanos)}s`;
  if (!isPlain(value) && typeof value.valueOf() === 'bigint') return String(value.valueOf());
  const items = entriesOf(value).map(([key, item]) => `${formatMember(key)}:${formatMember(item)}`);
  return `{${items.sort().join(', ')}}`;
}

function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return String(value);
}

function formatNanos(nanos: number): string {
  return nanos === 0 ? '' : `.${String(Math.abs(nanos)).padStart(9, '0').replace(/0+$/, '')}`;
}

function formatDate(date: Date): string {
  const ms = date.getUTCMilliseconds();
  if (ms === 0) return formatTime(date);
  return `${formatTime(date).slice(0, -1)}.${String(ms).padStart(3, '0').replace(/0+$/, '')}Z`;
}
