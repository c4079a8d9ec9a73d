import { messageOf } from '@flux/errors';
import { compareCodePoints, escapeHtmlJson } from '@flux/gotypes';
import { YamlError } from './yaml-error.ts';

export interface FormatJsonOptions {
  /** Text of one level of indentation; without it all is on one line. */
  indent?: string;
  /** Whether `<`, `>`, `&`, U+2028 and U+2029 are escaped, as Go's `json.Marshal` does. */
  escapeHtml?: boolean;
  sortKeys?: boolean;
}

const maxInteger = 2n ** 64n - 1n;
const minInteger = -(2n ** 63n);
const longDigits = /\d{16}/;
const integer = /^-?\d+$/;

/** Reads JSON; integers beyond 2^53 that fit 64 bits become bigint. Keys named `__proto__` are ordinary. */
export function parseJson(text: string): unknown {
  try {
    return longDigits.test(text) ? JSON.parse(text, reviveInteger) : JSON.parse(text);
  } catch (error) {
    throw new YamlError(`json: ${messageOf(error)}`);
  }
}

function reviveInteger(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  if (source === undefined || !integer.test(source)) return value;
  const exact = BigInt(source);
  return exact > maxInteger || exact < minInteger ? value : exact;
}

/** Writes JSON; bigint are plain integers. Numbers that JSON cannot hold are an error, as in Go. */
export function formatJson(value: unknown, options: FormatJsonOptions | string = {}): string {
  const {
    indent = '',
    escapeHtml = false,
    sortKeys = false,
  } = typeof options === 'string' ? { indent: options } : options;
  const text = new JsonWriter(indent, sortKeys).write(value, '\n');
  return escapeHtml ? escapeHtmlJson(text) : text;
}

class JsonWriter {
  readonly #indent: string;
  readonly #sortKeys: boolean;

  constructor(indent: string, sortKeys: boolean) {
    this.#indent = indent;
    this.#sortKeys = sortKeys;
  }

  /** `lineBreak` is a newline and the indentation of the line that the value begins on. */
  write(value: unknown, lineBreak: string): string {
    switch (typeof value) {
      case 'string':
        return JSON.stringify(value.isWellFormed() ? value : value.toWellFormed());
      case 'number':
        return formatNumber(value);
      case 'bigint':
      case 'boolean':
        return String(value);
      case 'object':
        if (value === null) return 'null';
        return Array.isArray(value) ? this.#writeArray(value, lineBreak) : this.#writeObject(value, lineBreak);
      default:
        return 'null';
    }
  }

  #writeArray(items: readonly unknown[], lineBreak: string): string {
    const inner = lineBreak + this.#indent;
    return this.#join(
      '[]',
      items.map((item) => this.write(item, inner)),
      lineBreak,
    );
  }

  #writeObject(value: object, lineBreak: string): string {
    const inner = lineBreak + this.#indent;
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    if (this.#sortKeys) entries.sort(([left], [right]) => compareCodePoints(left, right));
    const colon = this.#indent === '' ? ':' : ': ';
    return this.#join(
      '{}',
      entries.map(([key, item]) => this.write(key, inner) + colon + this.write(item, inner)),
      lineBreak,
    );
  }

  #join(brackets: string, parts: readonly string[], lineBreak: string): string {
    if (parts.length === 0) return brackets;
    if (this.#indent === '') return brackets[0] + parts.join(',') + brackets[1];
    const inner = lineBreak + this.#indent;
    return brackets[0] + inner + parts.join(`,${inner}`) + lineBreak + brackets[1];
  }
}

function formatNumber(value: number): string {
  if (!Number.isFinite(value)) {
    const name = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
    throw new YamlError(`json: unsupported value: ${name}`);
  }
  return Object.is(value, -0) ? '-0' : String(value);
}
