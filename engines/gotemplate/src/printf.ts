import { isPrintable } from '@flux/gotypes';
import { bytesOf, textOf } from './byte-text.ts';
import { formatFloatVerb } from './float-verb.ts';
import { type Flags, pad } from './pad.ts';
import { printValue } from './print.ts';
import { quote } from './quote.ts';
import { GoInt, GoStruct, isGoMap, kindOf, typeNameOf } from './values.ts';

/** Larger widths and precisions are refused by Go as well. */
const maxSize = 1_000_000;

/** Go's `fmt.Sprintf` over the values of templates. */
export function sprintf(format: string, values: readonly unknown[]): string {
  return new Formatter(format, values).run();
}

class Formatter {
  readonly #format: string;
  readonly #values: readonly unknown[];
  #position = 0;
  #argument = 0;
  #reordered = false;
  #badIndex = false;
  #usedIndex = false;

  constructor(format: string, values: readonly unknown[]) {
    this.#format = format;
    this.#values = values;
  }

  run(): string {
    let out = '';
    while (this.#position < this.#format.length) {
      const percent = this.#format.indexOf('%', this.#position);
      out += this.#format.slice(this.#position, percent < 0 ? undefined : percent);
      if (percent < 0) break;
      this.#position = percent + 1;
      out += this.#directive();
    }
    return out + this.#extra();
  }

  #extra(): string {
    if (this.#reordered || this.#argument >= this.#values.length) return '';
    const rest = this.#values.slice(this.#argument).map((value) => {
      return kindOf(value) === 'invalid' ? '<nil>' : `${typeNameOf(value)}=${printValue(value)}`;
    });
    return `%!(EXTRA ${rest.join(', ')})`;
  }

  #directive(): string {
    this.#badIndex = false;
    const next = this.#format.charCodeAt(this.#position);
    const value = this.#values[this.#argument];
    // `%s` and `%v` of a string: what nearly every use of printf is.
    if ((next === 0x73 || next === 0x76) && typeof value === 'string') {
      this.#position++;
      this.#argument++;
      return value;
    }
    const flags = this.#flags();
    let problems = '';
    this.#usedIndex = false;
    this.#index();
    if (this.#format[this.#position] === '*') {
      this.#position++;
      const width = this.#star();
      if (width === undefined) problems += '%!(BADWIDTH)';
      else setWidth(flags, width);
      this.#usedIndex = false;
    } else {
      flags.width = this.#digits();
      if (this.#usedIndex && flags.width !== undefined) this.#badIndex = true;
    }
    problems += this.#precision(flags);
    if (!this.#usedIndex) this.#index();
    const code = this.#format.codePointAt(this.#position);
    if (code === undefined) return `${problems}%!(NOVERB)`;
    const verb = String.fromCodePoint(code);
    this.#position += verb.length;
    if (verb === '%') return `${problems}%`;
    if (this.#badIndex) return `${problems}%!${verb}(BADINDEX)`;
    if (this.#argument >= this.#values.length) return `${problems}%!${verb}(MISSING)`;
    return problems + formatVerb(this.#values[this.#argument++], verb, flags);
  }

  #flags(): Flags {
    const flags: Flags = {
      minus: false,
      plus: false,
      sharp: false,
      space: false,
      zero: false,
      width: undefined,
      precision: undefined,
    };
    for (; ; this.#position++) {
      switch (this.#format[this.#position]) {
        case '-':
          flags.minus = true;
          flags.zero = false;
          break;
        case '+':
          flags.plus = true;
          break;
        case '#':
          flags.sharp = true;
          break;
        case ' ':
          flags.space = true;
          break;
        case '0':
          flags.zero = true;
          break;
        default:
          return flags;
      }
    }
  }

  #precision(flags: Flags): string {
    if (this.#format[this.#position] !== '.') return '';
    this.#position++;
    if (this.#usedIndex) this.#badIndex = true;
    this.#index();
    if (this.#format[this.#position] !== '*') {
      flags.precision = this.#digits() ?? 0;
      return '';
    }
    this.#position++;
    const precision = this.#star();
    this.#usedIndex = false;
    flags.precision = precision === undefined || precision < 0 ? undefined : precision;
    return precision === undefined || precision < 0 ? '%!(BADPREC)' : '';
  }

  #digits(): number | undefined {
    const digits = /^\d+/.exec(this.#format.slice(this.#position, this.#position + 8))?.[0];
    if (digits === undefined) return undefined;
    this.#position += digits.length;
    if (Number(digits) <= maxSize) return Number(digits);
    // Go gives up on the rest of the format.
    this.#position = this.#format.length;
    return undefined;
  }

  #star(): number | undefined {
    const value = this.#values[this.#argument];
    if (this.#argument >= this.#values.length) return undefined;
    this.#argument++;
    if (!(value instanceof GoInt)) return undefined;
    const size = Number(value.value);
    return Math.abs(size) > maxSize ? undefined : size;
  }

  /** `[n]`, which picks an argument. */
  #index(): void {
    if (this.#format[this.#position] !== '[') return;
    this.#reordered = true;
    const close = this.#format.indexOf(']', this.#position);
    if (close < 0) {
      this.#badIndex = true;
      this.#position++;
      return;
    }
    const text = this.#format.slice(this.#position + 1, close);
    this.#position = close + 1;
    const index = /^\d+$/.test(text) ? Number(text) : 0;
    this.#usedIndex = true;
    if (index >= 1 && index <= this.#values.length) this.#argument = index - 1;
    else this.#badIndex = true;
  }
}

function setWidth(flags: Flags, width: number): void {
  flags.width = Math.abs(width);
  if (width >= 0) return;
  flags.minus = true;
  flags.zero = false;
}

function formatVerb(value: unknown, verb: string, flags: Flags): string {
  if (verb === 'T') return pad(typeNameOf(value), flags);
  if (kindOf(value) === 'invalid') return verb === 'v' ? pad('<nil>', flags) : `%!${verb}(<nil>)`;
  if (verb === 'p') return formatPointer(value, flags);
  if (value instanceof Uint8Array && 'sxXq'.includes(verb)) return formatBytes(value, verb, flags);
  if (
    (value instanceof GoStruct || value instanceof GoInt) &&
    value.text !== undefined &&
    'vsxXq'.includes(verb) &&
    !(verb === 'v' && flags.sharp)
  ) {
    return formatString(value.text(), verb, flags);
  }
  const sharp = verb === 'v' && flags.sharp;
  const plus = verb === 'v' && flags.plus;
  const inner: Flags = verb === 'v' ? { ...flags, sharp: false, plus: false } : flags;
  const scalar = (part: unknown) => formatScalar(part, verb, inner, sharp);
  if (Array.isArray(value) || value instanceof Uint8Array || isGoMap(value) || value instanceof GoStruct) {
    return printValue(value, sharp ? { sharp } : { plus, scalar });
  }
  return formatScalar(value, verb, verb === 'v' ? inner : flags, sharp);
}

function formatPointer(value: unknown, flags: Flags): string {
  return kindOf(value) === 'map' || kindOf(value) === 'slice' || kindOf(value) === 'ptr'
    ? '0xc000000000'
    : badVerb(value, 'p', flags);
}

function formatScalar(value: unknown, verb: string, flags: Flags, sharp: boolean): string {
  switch (kindOf(value)) {
    case 'invalid':
      return verb === 'v' ? pad('<nil>', flags) : '<nil>';
    case 'bool':
      return verb === 't' || verb === 'v' ? pad(String(value), flags) : badVerb(value, verb, flags);
    case 'string':
      return sharp ? pad(quote(String(value)), flags) : formatString(String(value), verb, flags);
    case 'float64':
      return typeof value === 'number' ? (formatFloatVerb(value, verb, flags) ?? badVerb(value, verb, flags)) : '';
    default:
      return value instanceof GoInt ? formatInteger(value, verb, flags, sharp) : badVerb(value, verb, flags);
  }
}

/** The value is shown with the flags of the verb that it does not have. */
function badVerb(value: unknown, verb: string, flags: Flags): string {
  return `%!${verb}(${typeNameOf(value)}=${formatVerb(value, 'v', { ...flags, sharp: false, plus: false })})`;
}

function formatString(value: string, verb: string, flags: Flags): string {
  const text =
    flags.precision !== undefined && verb !== 'x' && verb !== 'X'
      ? [...value].slice(0, flags.precision).join('')
      : value;
  switch (verb) {
    case 'v':
    case 's':
      return pad(text, flags);
    case 'q':
      if (flags.sharp && !/[`\ufeff]|(?!\t)\p{Cc}/u.test(text)) return pad(`\`${text}\``, flags);
      return pad(quote(text, { ascii: flags.plus }), flags);
    case 'x':
    case 'X':
      return formatBytes(bytesOf(value), verb, flags);
    default:
      return badVerb(value, verb, flags);
  }
}

function formatBytes(bytes: Uint8Array, verb: string, flags: Flags): string {
  if (verb !== 'x' && verb !== 'X') return formatString(textOf(bytes), verb, flags);
  const used = flags.precision === undefined ? bytes : bytes.subarray(0, flags.precision);
  const prefix = flags.sharp && used.length > 0 ? `0${verb}` : '';
  const hex = [...used].map((byte) => byte.toString(16).padStart(2, '0'));
  const text = hex.join(flags.space ? ` ${prefix}` : '');
  return pad(prefix + (verb === 'X' ? text.toUpperCase() : text), flags);
}

const bases: Readonly<Record<string, number>> = { d: 10, v: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };

function formatInteger({ value, kind, typeName }: GoInt, verb: string, flags: Flags, sharp: boolean): string {
  if (sharp && kind.startsWith('u'))
    return formatInteger(new GoInt(value, kind, typeName), 'x', { ...flags, sharp: true }, false);
  const base = bases[verb];
  if (base !== undefined) return digitsOf(value, verb, base, flags);
  if (verb === 'c' || verb === 'q') {
    const character = value < 0n || value > 0x10ffffn ? '\ufffd' : String.fromCodePoint(Number(value));
    return pad(verb === 'c' ? character : quote(character, { mark: "'", ascii: flags.plus }), flags);
  }
  if (verb === 'U') {
    const code = BigInt.asUintN(64, value);
    const size = Math.max(flags.precision ?? 0, 4);
    const text = `U+${code.toString(16).toUpperCase().padStart(size, '0')}`;
    const shown = flags.sharp && code <= 0x10ffffn && isPrintable(String.fromCodePoint(Number(code)));
    return pad(shown ? `${text} '${String.fromCodePoint(Number(code))}'` : text, { ...flags, zero: false });
  }
  return badVerb(new GoInt(value, kind, typeName), verb, flags);
}

function digitsOf(value: bigint, verb: string, base: number, flags: Flags): string {
  const negative = value < 0n;
  let digits = (negative ? -value : value).toString(base);
  let size = 0;
  let zeroPadded = false;
  if (flags.precision !== undefined) {
    if (flags.precision === 0 && value === 0n) return ' '.repeat(flags.width ?? 0);
    size = flags.precision;
  } else if (flags.zero && !flags.minus && flags.width !== undefined) {
    size = flags.width - (negative || flags.plus || flags.space ? 1 : 0);
    zeroPadded = true;
  }
  digits = digits.padStart(size, '0');
  if (verb === 'X') digits = digits.toUpperCase();
  if (verb === 'O') digits = `0o${digits}`;
  else if (flags.sharp) digits = sharpPrefix(digits, verb);
  const sign = negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : '';
  return zeroPadded ? sign + digits : pad(sign + digits, { ...flags, zero: false });
}

function sharpPrefix(digits: string, verb: string): string {
  if (verb === 'b') return `0b${digits}`;
  if (verb === 'o') return digits.startsWith('0') ? digits : `0${digits}`;
  return verb === 'x' || verb === 'X' ? `0${verb}${digits}` : digits;
}
