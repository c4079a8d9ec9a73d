import type { Flags } from './pad.ts';
import { printValue } from './print.ts';
import { GoInt, typeNameOf } from './values.ts';
import { VerbPrinter } from './verb-printer.ts';

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
      return value === null || value === undefined ? '<nil>' : `${typeNameOf(value)}=${printValue(value)}`;
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
    return problems + showVerb(this.#values[this.#argument++], verb, flags);
  }

  #flags(): Flags {
    const flags: Flags = {
      minus: false,
      plus: false,
      sharp: false,
      space: false,
      zero: false,
      sharpV: false,
      plusV: false,
      width: undefined,
      precision: undefined,
    };
    for (; ; this.#position++) {
      switch (this.#format[this.#position]) {
        case '-':
          flags.minus = true;
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
    // A dot at the end is a verb that nothing has.
    if (this.#format[this.#position] !== '.' || this.#position + 1 >= this.#format.length) return '';
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
    return flags.precision === undefined ? '%!(BADPREC)' : '';
  }

  #digits(): number | undefined {
    let size: number | undefined;
    for (; ; this.#position++) {
      const digit = this.#format.charCodeAt(this.#position) - 0x30;
      if (!(digit >= 0 && digit <= 9)) return size;
      if (size !== undefined && size > maxSize) {
        // Go gives up on the rest of the format.
        this.#position = this.#format.length;
        return undefined;
      }
      size = (size ?? 0) * 10 + digit;
    }
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
    this.#usedIndex = false;
    if (this.#format[this.#position] !== '[') return;
    this.#reordered = true;
    const close = this.#format.indexOf(']', this.#position);
    // Less than three characters are never looked through for the end.
    if (close < 0 || this.#format.length - this.#position < 3) {
      this.#badIndex = true;
      this.#position++;
      return;
    }
    const text = this.#format.slice(this.#position + 1, close);
    this.#position = close + 1;
    const index = /^\d{1,7}$/.test(text) ? Number(text) : 0;
    if (index >= 1 && index <= this.#values.length) {
      this.#argument = index - 1;
      this.#usedIndex = true;
    } else {
      this.#badIndex = true;
      this.#usedIndex = /^\d+$/.test(text);
    }
  }
}

function showVerb(value: unknown, verb: string, flags: Flags): string {
  if (verb === 'v' || verb === 'w') {
    flags.sharpV = flags.sharp;
    flags.sharp = false;
    flags.plusV = flags.plus;
    flags.plus = false;
  }
  return new VerbPrinter(flags).print(value, verb);
}

function setWidth(flags: Flags, width: number): void {
  flags.width = Math.abs(width);
  if (width < 0) flags.minus = true;
}
