import { GoInt, GoStruct, kindOf, parseFloatText, parseInteger, printValue, textOf } from '@flux/gotemplate';

const minInt = -(2n ** 63n);
const maxInt = 2n ** 63n - 1n;

/** spf13/cast's ToInt64: what cannot be an integer is 0; text may be hexadecimal or octal, and end in `.0`. */
export function toBigInt(value: unknown): bigint {
  if (value instanceof GoInt) return isKnownInteger(value) ? BigInt.asIntN(64, value.value) : 0n;
  if (typeof value === 'number') return truncate(value);
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value !== 'string') return 0n;
  const parsed = parseInteger(value.replace(/\.0+$/, ''));
  return parsed === undefined || parsed < minInt || parsed > maxInt ? 0n : parsed;
}

/** cast looks at types, not at kinds: of the named ones it knows two, and a duration is 0. */
function isKnownInteger({ kind, typeName }: GoInt): boolean {
  return typeName === kind || typeName === 'time.Month' || typeName === 'time.Weekday';
}

/** Go's conversion of a float on amd64: what does not fit is the smallest integer. */
function truncate(value: number): bigint {
  if (!Number.isFinite(value)) return minInt;
  const integer = BigInt(Math.trunc(value));
  return integer < minInt || integer > maxInt ? minInt : integer;
}

/** spf13/cast's ToFloat64. */
export function toFloat(value: unknown): number {
  if (value instanceof GoInt) return isKnownInteger(value) ? Number(value.value) : 0;
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return 0;
  const special = /^([+-]?)inf(?:inity)?$/i.exec(value);
  if (special !== null) return special[1] === '-' ? -Infinity : Infinity;
  if (/^[+-]?nan$/i.test(value)) return Number.NaN;
  const parsed = parseFloatText(value) ?? 0;
  // Too large is an error of strconv, for which cast gives zero.
  return Number.isFinite(parsed) ? parsed : 0;
}

/** sprig's `toString`: bytes are text, everything else is printed. */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return textOf(value);
  if (value instanceof GoStruct && value.text !== undefined) return value.text();
  return printValue(value);
}

export function toTexts(value: unknown): string[] {
  if (Array.isArray(value)) return value.filter((item) => (item ?? undefined) !== undefined).map(toText);
  if (value instanceof Uint8Array) return [...value].map(String);
  return value === undefined || value === null ? [] : [toText(value)];
}

export function toNumber(value: GoInt): number {
  return Number(value.value);
}

/** sprig's notion of empty: zero, false, nil and what has no elements. */
export function isEmpty(value: unknown): boolean {
  if (value instanceof GoInt) return value.value === 0n;
  if (value instanceof GoStruct || value === undefined || value === null) return !(value instanceof GoStruct);
  if (typeof value === 'object')
    return (Array.isArray(value) || value instanceof Uint8Array ? value : Object.keys(value)).length === 0;
  return typeof value === 'number' ? value === 0 : !value;
}

/** The elements of a slice; anything else is the error of the function that asked. */
export function elementsOf(value: unknown, describe: (kind: string) => string): unknown[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Uint8Array) return [...value].map((byte) => new GoInt(byte, 'uint8'));
  if (value === undefined || value === null)
    throw new TypeError('runtime error: invalid memory address or nil pointer dereference');
  throw new TypeError(describe(kindOf(value)));
}
