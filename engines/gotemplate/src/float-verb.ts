import { formatFloat } from '@flux/gotypes';
import { type Flags, pad } from './printf.ts';

/** One float under a verb of printf; undefined for a verb that floats do not have. */
export function formatFloatVerb(value: number, verb: string, flags: Flags, sharp: boolean): string | undefined {
  if (!'vgGeEfF'.includes(verb)) return verb === 'x' || verb === 'X' || verb === 'b' ? unsupported(verb) : undefined;
  const text = digits(value, verb, flags.precision, flags.sharp && verb !== 'v', sharp);
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

function unsupported(verb: string): never {
  throw new RangeError(`floats under the verb %${verb} are not supported`);
}

function digits(
  value: number,
  verb: string,
  precision: number | undefined,
  keepsPoint: boolean,
  sharp: boolean,
): string {
  const lower = verb.toLowerCase();
  let text: string;
  if (lower === 'f') text = fixed(value, precision ?? 6);
  else if (lower === 'e') text = exponential(value, precision ?? 6);
  else if (precision === undefined) text = formatFloat(value, sharp ? { exponentFrom: 21 } : {});
  else text = general(value, precision === 0 ? 1 : precision);
  if (keepsPoint && lower === 'g' && !text.includes('.') && !text.includes('e'))
    text += precision === undefined ? `.${'0'.repeat(Math.max(0, 6 - text.length))}` : '.';
  return verb === 'E' || verb === 'G' ? text.toUpperCase() : text;
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
