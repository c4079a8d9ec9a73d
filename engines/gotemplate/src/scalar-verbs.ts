import { isPrintable } from '@flux/gotypes';
import { bytesOf } from './byte-text.ts';
import { floatText } from './float-text.ts';
import { type Flags, pad, padding, padSpaces } from './pad.ts';
import { quote } from './quote.ts';
import type { GoInt } from './values.ts';

/** How Go's fmt writes booleans, numbers and text under a verb; undefined for a verb that they do not have. */
export function boolVerb(value: boolean, verb: string, flags: Flags): string | undefined {
  return verb === 't' || verb === 'v' ? pad(String(value), flags) : undefined;
}

export function stringVerb(value: string, verb: string, flags: Flags): string | undefined {
  switch (verb) {
    case 'v':
      return flags.sharpV ? quoted(value, flags) : plain(value, flags);
    case 's':
      return plain(value, flags);
    case 'q':
      return quoted(value, flags);
    case 'x':
    case 'X':
      return hexBytes(bytesOf(value), verb, flags);
    default:
      return undefined;
  }
}

/** Text cut to the precision, in characters, and padded. */
export function plain(value: string, flags: Flags): string {
  return pad(truncated(value, flags), flags);
}

export function quoted(value: string, flags: Flags): string {
  const text = truncated(value, flags);
  if (flags.sharp && !/[`\ufeff]|(?!\t)\p{Cc}/u.test(text) && text.isWellFormed()) return pad(`\`${text}\``, flags);
  return pad(quote(text, { ascii: flags.plus }), flags);
}

function truncated(value: string, { precision }: Flags): string {
  return precision === undefined || value.length <= precision ? value : [...value].slice(0, precision).join('');
}

export function hexBytes(bytes: Uint8Array, verb: string, flags: Flags): string {
  const used = flags.precision === undefined ? bytes : bytes.subarray(0, flags.precision);
  if (used.length === 0) return padding(flags.width ?? 0, flags);
  const prefix = flags.sharp ? `0${verb}` : '';
  const hex = Array.from(used, (byte) => {
    const digits = byte.toString(16).padStart(2, '0');
    return verb === 'X' ? digits.toUpperCase() : digits;
  });
  return pad(prefix + hex.join(flags.space ? ` ${prefix}` : ''), flags);
}

const bases: Readonly<Record<string, number>> = { d: 10, v: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };

export function integerVerb({ value, kind }: GoInt, verb: string, flags: Flags): string | undefined {
  if (verb === 'v' && flags.sharpV && kind.startsWith('u')) return integerText(value, 'x', { ...flags, sharp: true });
  if (bases[verb] !== undefined) return integerText(value, verb, flags);
  const code = BigInt.asUintN(64, value);
  const isCharacter = code <= 0x10ffffn && !(code >= 0xd800n && code < 0xe000n);
  const character = isCharacter ? String.fromCodePoint(Number(code)) : '\ufffd';
  switch (verb) {
    case 'c':
      return pad(character, flags);
    case 'q':
      return pad(quote(character, { mark: "'", ascii: flags.plus }), flags);
    case 'U': {
      const digits = code
        .toString(16)
        .toUpperCase()
        .padStart(Math.max(flags.precision ?? 0, 4), '0');
      const shown = flags.sharp && isCharacter && isPrintable(character) ? ` '${character}'` : '';
      return padSpaces(`U+${digits}${shown}`, flags);
    }
    default:
      return undefined;
  }
}

function integerText(value: bigint, verb: string, flags: Flags): string {
  const negative = value < 0n;
  let digits = (negative ? -value : value).toString(bases[verb]);
  if (flags.precision !== undefined) {
    if (flags.precision === 0 && value === 0n) return ' '.repeat(flags.width ?? 0);
    digits = digits.padStart(flags.precision, '0');
  } else if (flags.zero && !flags.minus && flags.width !== undefined) {
    digits = digits.padStart(flags.width - (negative || flags.plus || flags.space ? 1 : 0), '0');
  }
  if (verb === 'X') digits = digits.toUpperCase();
  if (flags.sharp) digits = sharpPrefix(digits, verb);
  if (verb === 'O') digits = `0o${digits}`;
  return padSpaces((negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : '') + digits, flags);
}

function sharpPrefix(digits: string, verb: string): string {
  if (verb === 'b') return `0b${digits}`;
  if (verb === 'o' || verb === 'O') return digits.startsWith('0') ? digits : `0${digits}`;
  return verb === 'x' || verb === 'X' ? `0${verb}${digits}` : digits;
}

export function floatVerb(value: number, verb: string, flags: Flags): string | undefined {
  if (!'vgGeEfFxXb'.includes(verb)) return undefined;
  const format = verb === 'v' ? 'g' : verb === 'F' ? 'f' : verb;
  const precision = flags.precision ?? ('eEf'.includes(format) ? 6 : -1);
  let text = floatText(value, format, precision);
  if (!/^[+-]/.test(text)) text = (flags.space && !flags.plus ? ' ' : '+') + text;
  else if (text.startsWith('+') && flags.space && !flags.plus) text = ` ${text.slice(1)}`;
  if (!Number.isFinite(value)) {
    const bare = Number.isNaN(value) && !flags.space && !flags.plus;
    return padSpaces(bare ? text.slice(1) : text, flags);
  }
  if (flags.sharp && format !== 'b') text = withPoint(text, format, precision);
  if (!flags.plus && text.startsWith('+')) return pad(text.slice(1), flags);
  const missing = (flags.width ?? 0) - text.length;
  if (!flags.zero || flags.minus || missing <= 0) return pad(text, flags);
  return text.charAt(0) + '0'.repeat(missing) + text.slice(1);
}

/** The flag `#`: always a point, and as many significant digits as the precision says. */
function withPoint(text: string, format: string, precision: number): string {
  const isHex = format === 'x' || format === 'X';
  const [, mantissa = '', power = ''] = (isHex ? /^([^pP]*)(.*)$/ : /^([^eE]*)(.*)$/).exec(text.slice(1)) ?? [];
  let missing = 'gGx'.includes(format) ? (precision === -1 ? 6 : precision) : 0;
  missing -= mantissa.replace('.', '').replace(/^0+/, '').length;
  const hasPoint = mantissa.includes('.');
  if (!hasPoint && mantissa === '0') missing -= 1;
  return `${text.charAt(0)}${mantissa}${hasPoint ? '' : '.'}${'0'.repeat(Math.max(0, missing))}${power}`;
}
