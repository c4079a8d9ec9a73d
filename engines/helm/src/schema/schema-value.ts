import { bytesOf, GoInt, quote as goQuote } from '@flux/gotemplate';
import { formatFloat, jsonProblem } from '@flux/gotypes';
import { SchemaError } from './schema-error.ts';

/** A number of a schema whose text is not how its value is printed, `1.0`: messages show it as written. */
class WrittenNumber {
  readonly text: string;
  readonly value: number;

  constructor(text: string) {
    this.text = text;
    this.value = Number(text);
  }
}

export type JsonObject = Readonly<Record<string, unknown>>;
export type JsonType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

/** Reads a schema; errors have the text of Go's encoding/json. */
export function parseSchema(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
      const source = context?.source;
      return typeof value === 'number' && source !== undefined && source !== String(value)
        ? new WrittenNumber(source)
        : value;
    });
  } catch (error) {
    throw new SchemaError(jsonProblem(bytesOf(text)) ?? 'invalid JSON', { cause: error });
  }
}

/** The number of a value, if it is one: integers of `--set` and written numbers are. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value instanceof GoInt || value instanceof WrittenNumber) return Number(value.value);
  return undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeOf(value) === 'object';
}

/** The JSON type of a value; of what is none, nothing. */
export function typeOf(value: unknown): JsonType | undefined {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'string') return 'string';
  if (Array.isArray(value)) return 'array';
  const number = numberOf(value);
  if (number !== undefined) return Number.isNaN(number) ? undefined : 'number';
  return typeof value === 'object' ? 'object' : undefined;
}

export function equals(left: unknown, right: unknown): boolean {
  const number = numberOf(left);
  if (number !== undefined) return number === numberOf(right);
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) && left.length === right.length && left.every((item, index) => equals(item, right[index]))
    );
  }
  if (!isObject(left)) return left === right;
  if (!isObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && equals(left[key], right[key]))
  );
}

/** Text equal for values that are equal, to find repeated items without comparing each with each. */
export function fingerprint(value: unknown): string {
  const number = numberOf(value);
  if (number !== undefined) return String(number + 0);
  if (Array.isArray(value)) return `[${value.map(fingerprint).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${fingerprint(value[key])}`);
  return `{${entries.join()}}`;
}

/** Text in single quotes. */
export function quote(text: string): string {
  return `'${goQuote(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** A scalar in a message. */
export function display(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (value instanceof WrittenNumber) return value.text;
  if (value instanceof GoInt) return String(value.value);
  if (typeof value === 'number') return formatFloat(value, { exponentFrom: 21 });
  return value === null ? '<nil>' : typeof value === 'boolean' ? String(value) : 'value';
}

const superscripts: Readonly<Record<string, string>> = { '-': '⁻', '+': '' };

/** A number as golang.org/x/text prints it in English: `12,345.5`, `1.5×10⁰⁶`. */
export function localNumber(value: number): string {
  const [mantissa = '', exponent] = formatFloat(value).split('e');
  if (exponent !== undefined) {
    const raised = [...exponent].map((digit) => superscripts[digit] ?? '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('');
    return `${mantissa}×10${raised}`;
  }
  return groupDigits(mantissa);
}

/** A count as golang.org/x/text prints it in English: `12,345`. */
export function groupDigits(number: string | number): string {
  const [whole = '', fraction] = String(number).split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
