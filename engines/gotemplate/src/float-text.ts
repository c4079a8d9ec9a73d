import { formatFloat } from '@flux/gotypes';

/** Go's `strconv.FormatFloat`; a precision of -1 stands for the fewest digits that read back. */
export function floatText(value: number, verb: string, precision: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const text =
    (value < 0 || Object.is(value, -0) ? '-' : '') + unsigned(Math.abs(value), verb.toLowerCase(), precision);
  return verb === 'E' || verb === 'G' || verb === 'X' ? text.toUpperCase() : text;
}

function unsigned(value: number, verb: string, precision: number): string {
  switch (verb) {
    case 'b':
      return binary(value);
    case 'x':
      return hexadecimal(value, precision);
    case 'f':
      return fixed(value, precision);
    case 'e':
      return exponential(roundedTo(value, precision + 1), precision);
    default:
      return precision < 0 ? formatFloat(value) : general(value, Math.max(precision, 1));
  }
}

/** Significant digits without zeros at the end, and where the point is: 0.0123 has `123` and -1. */
interface Digits {
  digits: string;
  point: number;
}

function roundedTo(value: number, count: number): Digits {
  const { digits: all, scale } = exactDecimal(value);
  const size = all === 0n ? 0 : all.toString().length;
  const rounded = roundHalfEven(all, size - count);
  const digits = rounded === 0n ? '' : rounded.toString();
  // 9.99 becomes 10.0, which is one digit more.
  const point = digits === '' ? 0 : size - scale + digits.length - Math.max(count, 0);
  return { digits: digits.replace(/0+$/, ''), point };
}

function exponential({ digits, point }: Digits, precision: number): string {
  const shown = digits.padEnd(precision + 1, '0');
  const exponent = digits === '' ? 0 : point - 1;
  const power = `e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  return `${shown[0] ?? ''}${precision > 0 ? `.${shown.slice(1, precision + 1)}` : ''}${power}`;
}

function general(value: number, precision: number): string {
  const rounded = roundedTo(value, precision);
  const { digits, point } = rounded;
  const count = digits.length;
  const limit = precision > count && count >= point ? count : precision;
  if (point - 1 < -4 || point - 1 >= limit) return exponential(rounded, Math.min(precision, count) - 1);
  if (point <= 0) return digits === '' ? '0' : `0.${'0'.repeat(-point)}${digits}`;
  return count <= point ? digits.padEnd(point, '0') : `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Exact decimals, which `toFixed` does not give above 1e21 or beyond 100 places. */
function fixed(value: number, precision: number): string {
  const { digits: all, scale } = exactDecimal(value);
  const text = roundHalfEven(all, scale - precision)
    .toString()
    .padStart(precision + 1, '0');
  return precision === 0 ? text : `${text.slice(0, -precision)}.${text.slice(-precision)}`;
}

/** A float is `digits / 10 ** scale`, exactly. */
export function exactDecimal(value: number): { digits: bigint; scale: number } {
  if (value === 0) return { digits: 0n, scale: 0 };
  let exponent = 0;
  let mantissa = value;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent++;
  }
  return { digits: BigInt(mantissa) * 5n ** BigInt(exponent), scale: exponent };
}

function roundHalfEven(all: bigint, drop: number): bigint {
  if (drop <= 0) return all * 10n ** BigInt(-drop);
  const unit = 10n ** BigInt(drop);
  const quotient = all / unit;
  const twice = (all % unit) * 2n;
  return twice > unit || (twice === unit && quotient % 2n === 1n) ? quotient + 1n : quotient;
}

const fractionBits = 52n;

/** The 53 bits of a float's mantissa and the power of two of the first. */
function partsOf(value: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const power = Number(bits >> fractionBits);
  const fraction = BigInt.asUintN(Number(fractionBits), bits);
  return power === 0
    ? { mantissa: fraction, exponent: -1022 }
    : { mantissa: fraction | (1n << fractionBits), exponent: power - 1023 };
}

function binary(value: number): string {
  const { mantissa, exponent } = partsOf(value);
  const scale = exponent - Number(fractionBits);
  return `${mantissa}p${scale < 0 ? '-' : '+'}${Math.abs(scale)}`;
}

/** One digit, a point and hexadecimal digits, of which a precision says how many. */
function hexadecimal(value: number, precision: number): string {
  let { mantissa, exponent } = partsOf(value);
  if (mantissa === 0n) exponent = 0;
  else {
    const missing = Number(fractionBits) + 1 - mantissa.toString(2).length;
    mantissa <<= BigInt(missing);
    exponent -= missing;
  }
  if (precision >= 0 && precision < 13) {
    const dropped = fractionBits - BigInt(precision * 4);
    const half = 1n << (dropped - 1n);
    const rest = BigInt.asUintN(Number(dropped), mantissa);
    mantissa >>= dropped;
    if (rest > half || (rest === half && (mantissa & 1n) === 1n)) mantissa += 1n;
    mantissa <<= dropped;
    if (mantissa >> (fractionBits + 1n) !== 0n) {
      mantissa >>= 1n;
      exponent += 1;
    }
  }
  const hex = BigInt.asUintN(Number(fractionBits), mantissa).toString(16).padStart(13, '0');
  const fraction = precision < 0 ? hex.replace(/0+$/, '') : hex.padEnd(precision, '0').slice(0, precision);
  const power = `p${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  return `0x${mantissa >> fractionBits}${fraction === '' ? '' : `.${fraction}`}${power}`;
}
