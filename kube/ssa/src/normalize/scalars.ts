import { formatQuantity, GoTypeError } from '@flux/gotypes';
import { ConversionError } from './conversion-error.ts';

const zeros: Readonly<Record<string, unknown>> = {
  s: '',
  i: 0,
  f: 0,
  b: false,
  o: 0,
  q: '0',
  t: null,
  u: null,
  d: '0s',
};

export function isScalarLetter(letter: string): boolean {
  return Object.hasOwn(zeros, letter);
}

/** What Go writes for a field that was not given. */
export function scalarZero(letter: string): unknown {
  return zeros[letter];
}

/** The value as Go's decoder and encoder leave it; `letter` is that of scripts/typed-fields. */
export function convertScalar(letter: string, value: unknown): unknown {
  switch (letter) {
    case 's':
      return expectType(typeof value === 'string', value, 'string');
    case 'b':
      return expectType(typeof value === 'boolean', value, 'bool');
    case 'i':
      return expectType(isInteger(value), value, 'int64');
    case 'f':
      return expectType(typeof value === 'number' || typeof value === 'bigint', value, 'float64');
    case 'o':
      return expectType(typeof value === 'string' || isInteger(value), value, 'IntOrString');
    case 'd':
      return expectType(typeof value === 'string', value, 'Duration');
    case 'q':
      return convertQuantity(value);
    case 't':
      return convertTime(value, 0);
    case 'u':
      return convertTime(value, 6);
    case 'y':
      return convertBytes(value);
    default:
      return value;
  }
}

function expectType(fits: boolean, value: unknown, type: string): unknown {
  if (!fits) throw new ConversionError(`cannot convert ${typeof value} to ${type}`);
  return value;
}

function isInteger(value: unknown): boolean {
  return typeof value === 'bigint' || Number.isInteger(value);
}

function convertTime(value: unknown, fractionDigits: number): string {
  const text = String(value);
  const isRfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text);
  const time = new Date(text);
  if (typeof value !== 'string' || !isRfc3339 || Number.isNaN(time.getTime())) {
    throw new ConversionError(`parsing time ${JSON.stringify(value)}`);
  }
  const seconds = time.toISOString().slice(0, 19);
  if (fractionDigits === 0) return `${seconds}Z`;
  const fraction = (/\.(\d+)/.exec(text)?.[1] ?? '').padEnd(fractionDigits, '0').slice(0, fractionDigits);
  return `${seconds}.${fraction}Z`;
}

/** `[]byte` is base64 text; Go's strict decoder also skips line breaks. */
function convertBytes(value: unknown): string {
  if (typeof value !== 'string') throw new ConversionError('cannot restore slice');
  const text = value.replace(/[\r\n]/g, '');
  const isBase64 = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  if (!isBase64) throw new ConversionError('illegal base64 data');
  return Buffer.from(text, 'base64').toString('base64');
}

/** Quantities come back in their canonical form: `1000m` is applied as `1`. */
function convertQuantity(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') {
    throw new ConversionError(`cannot convert ${typeof value} to Quantity`);
  }
  try {
    return formatQuantity(String(value).trim());
  } catch (error) {
    if (error instanceof GoTypeError) throw new ConversionError(error.message, { cause: error });
    throw error;
  }
}
