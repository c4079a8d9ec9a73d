import { GoTypeError } from './gotypes-error.ts';

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** A Kubernetes `resource.Quantity`: an exact amount in billionths, and the suffix family it was written in. */
export interface Quantity {
  /** The amount times 10^9; Kubernetes keeps no more than nano precision and rounds away from zero to it. */
  readonly nanos: bigint;
  readonly format: QuantityFormat;
  /** The text it was read from, where apimachinery takes that as canonical and prints it again. */
  readonly text?: string;
}

const formatWrong = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const pattern = /^([+-]?)0*([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;
const nano = 10n ** 9n;
const largest = (2n ** 63n - 1n) * nano;
const maxExponent = 1000;
const decimalExponents = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const decimalSuffixes = new Map([...decimalExponents].map(([suffix, exponent]) => [exponent, suffix]));
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** Reads a quantity such as `500m`, `1.5Gi` or `1e3`; fails with the text of apimachinery. */
export function parseQuantity(text: string): Quantity {
  const match = text === '' ? null : pattern.exec(text);
  if (match === null) throw new GoTypeError(formatWrong);
  const [, sign, whole = '', fraction = '', suffix = ''] = match;
  const { factor, exponent, format } = scaleOf(suffix);
  const power = exponent + 9 - fraction.length;
  const scaled = BigInt(`${whole}${fraction}` || '0') * factor;
  const exact = power >= 0 ? scaled * 10n ** BigInt(power) : divideRoundingUp(scaled, 10n ** BigInt(-power));
  const magnitude = format === 'BinarySI' && exact > largest ? largest : exact;
  const nanos = sign === '-' ? -magnitude : magnitude;
  return isKeptAsWritten({ whole, fraction, exponent, format }) ? { nanos, format, text } : { nanos, format };
}

/** apimachinery quantity.go ParseQuantity: a cheap test for canonical text, which also lets `1.500` through. */
function isKeptAsWritten(read: { whole: string; fraction: string; exponent: number; format: QuantityFormat }): boolean {
  const digits = `${read.whole || '0'}${read.fraction}`;
  if (digits.length > 18) return false;
  if (read.format === 'BinarySI') return read.fraction === '' && (BigInt(digits) & 7n) !== 0n;
  const scale = read.exponent - read.fraction.length;
  return scale >= -9 && scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0');
}

function scaleOf(suffix: string): { factor: bigint; exponent: number; format: QuantityFormat } {
  const binary = suffix === '' ? -1 : binarySuffixes.indexOf(suffix);
  if (binary > 0) return { factor: 2n ** BigInt(10 * binary), exponent: 0, format: 'BinarySI' };
  const decimal = decimalExponents.get(suffix);
  if (decimal !== undefined) return { factor: 1n, exponent: decimal, format: 'DecimalSI' };
  const exponent = /^[eE][-+]?[0-9]+$/.test(suffix) ? Number(suffix.slice(1)) : Number.NaN;
  // The bound keeps a short text from asking for a number of a million digits.
  if (!(Math.abs(exponent) <= maxExponent)) throw new GoTypeError("unable to parse quantity's suffix");
  return { factor: 1n, exponent, format: 'DecimalExponent' };
}

function divideRoundingUp(value: bigint, divisor: bigint): bigint {
  return value === 0n ? 0n : (value + divisor - 1n) / divisor;
}

/** Negative, zero or positive as the first amount is less than, equal to or greater than the second. */
export function compareQuantity(left: Quantity | string, right: Quantity | string): number {
  const a = typeof left === 'string' ? parseQuantity(left).nanos : left.nanos;
  const b = typeof right === 'string' ? parseQuantity(right).nanos : right.nanos;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The canonical form: no fraction, the largest suffix of the quantity's own family, `1.5Gi` as `1536Mi`. */
export function formatQuantity(quantity: Quantity | string): string {
  const { nanos, format, text } = typeof quantity === 'string' ? parseQuantity(quantity) : quantity;
  if (text !== undefined) return text;
  if (nanos === 0n) return '0';
  const sign = nanos < 0n ? '-' : '';
  const magnitude = nanos < 0n ? -nanos : nanos;
  // Below 1024 and for amounts with a fraction, BinarySI has no suffix that keeps the value exact.
  if (format === 'BinarySI' && magnitude % nano === 0n && magnitude >= 1024n * nano) {
    return sign + formatBinary(magnitude / nano);
  }
  return sign + formatDecimal(magnitude, format);
}

function formatBinary(value: bigint): string {
  let index = 0;
  let rest = value;
  while (rest % 1024n === 0n && index < binarySuffixes.length - 1) {
    rest /= 1024n;
    index += 1;
  }
  return `${rest}${binarySuffixes[index]}`;
}

function formatDecimal(magnitude: bigint, format: QuantityFormat): string {
  let exponent = -9;
  let rest = magnitude;
  while (rest % 1000n === 0n && exponent < 18) {
    rest /= 1000n;
    exponent += 3;
  }
  if (format !== 'DecimalExponent') return `${rest}${decimalSuffixes.get(exponent) ?? ''}`;
  return exponent === 0 ? `${rest}` : `${rest}e${exponent}`;
}
