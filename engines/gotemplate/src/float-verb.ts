import { formatFloat } from '@flux/gotypes';
import { type Flags, pad } from './pad.ts';

/** One float under a verb of printf; undefined for a verb that floats do not have. */
export function formatFloatVerb(value: number, verb: string, flags: Flags): string | undefined {
  if (!'vgGeEfFxXb'.includes(verb)) return undefined;
  const text = digits(value, verb, flags.precision, flags.sharp && verb !== 'v');
  if (!Number.isFinite(value)) {
    const name = Number.isNaN(value) ? 'NaN' : 'Inf';
    const sign = value < 0 ? '-' : flags.plus ? '+' : flags.space ? ' ' : Number.isNaN(value) ? '' : '+';
    return pad((sign === '+' && !flags.plus && verb !== 'v' && !'gGeEfF'.includes(verb) ? '' : sign) + name, {
      ...flags,
      zero: false,
    });
  }
  const negative = text.startsWith('-');
  const sign = negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : '';
  const unsigned = negative ? text.slice(1) : text;
  if (flags.zero && !flags.minus && flags.width !== undefined) {
    return sign + unsigned.padStart(flags.width - sign.length, '0');
  }
  return pad(sign + unsigned, { ...flags, zero: false });
}

/** `%b`: mantissa and power of two; `%x`: hexadecimal mantissa, as precise as the value. */
function binary(value: number, verb: string): string {
  if (!Number.isFinite(value)) return String(value);
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(value));
  const bits = view.getBigUint64(0);
  const power = Number(bits >> 52n);
  const fraction = bits & ((1n << 52n) - 1n);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const exponent = (power === 0 ? 1 : power) - 1023;
  if (verb === 'b') {
    const scale = exponent - 52;
    return `${sign}${power === 0 ? fraction : fraction | (1n << 52n)}p${scale < 0 ? '-' : '+'}${Math.abs(scale)}`;
  }
  if (value === 0) return `${sign}0x0p+00`;
  const shift = power === 0 ? 53 - fraction.toString(2).length : 0;
  const mantissa = (fraction << BigInt(shift)) & ((1n << 52n) - 1n);
  const hex = mantissa.toString(16).padStart(13, '0').replace(/0+$/, '');
  const total = exponent - shift;
  return `${sign}0x1${hex === '' ? '' : `.${hex}`}p${total < 0 ? '-' : '+'}${String(Math.abs(total)).padStart(2, '0')}`;
}

function digits(value: number, verb: string, precision: number | undefined, keepsPoint: boolean): string {
  const lower = verb.toLowerCase();
  let text: string;
  if (lower === 'x' || lower === 'b') text = binary(value, lower);
  else if (lower === 'f') text = fixed(value, precision ?? 6);
  else if (lower === 'e') text = exponential(value, precision ?? 6);
  else if (precision === undefined) text = formatFloat(value);
  else text = general(value, precision === 0 ? 1 : precision);
  if (keepsPoint && 'fge'.includes(lower)) text = withPoint(text, lower === 'g' ? (precision ?? 6) : 0);
  return verb === 'E' || verb === 'G' || verb === 'X' ? text.toUpperCase() : text;
}

/** The flag `#`: always a decimal point, and under `%g` as many digits as the precision says. */
function withPoint(text: string, significant: number): string {
  const [mantissa = '', exponent] = text.split('e');
  const pointed = mantissa.includes('.') ? mantissa : `${mantissa}.`;
  const count = pointed.replace(/^-?0*\.?0*|\./g, '').length;
  const padded = pointed + '0'.repeat(Math.max(0, significant - count));
  return exponent === undefined ? padded : `${padded}e${exponent}`;
}

/** Exact decimals, which `toFixed` does not give above 1e21 or beyond 100 places. */
function fixed(value: number, precision: number): string {
  if (!Number.isFinite(value)) return String(value);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const { digits: all, scale } = exactDecimal(Math.abs(value));
  const rounded = roundHalfEven(all, scale - precision);
  const text = rounded.toString().padStart(precision + 1, '0');
  if (precision === 0) return sign + text;
  return `${sign}${text.slice(0, -precision)}.${text.slice(-precision)}`;
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

function exponential(value: number, precision: number): string {
  if (!Number.isFinite(value)) return String(value);
  const text = value.toExponential(Math.min(precision, 100));
  const padded = Object.is(value, -0) ? `-${text}` : text;
  return padded.replace(/e([+-])(\d)$/, 'e$10$2');
}

function general(value: number, precision: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa = '', power = '0'] = value.toExponential(Math.min(precision, 100) - 1).split('e');
  const exponent = Number(power);
  const shortest = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  const count = shortest.replace(/[-.]/g, '').length;
  const limit = precision > count && count >= exponent + 1 ? count : precision;
  if (exponent < -4 || exponent >= limit)
    return `${shortest}e${power[0]}${String(Math.abs(exponent)).padStart(2, '0')}`;
  const text = fixed(value, Math.max(0, precision - 1 - exponent));
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
