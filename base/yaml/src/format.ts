import { compareCodePoints, compareNatural, compareNaturalV3, formatFloat } from '@flux/gotypes';
import type { YamlMode } from './cursor.ts';
import { isSimple } from './scalar-style.ts';
import { type ScalarPlace, writeString } from './write-scalar.ts';
import { YamlError } from './yaml-error.ts';

const maxInteger = 2n ** 64n - 1n;
const minInteger = -(2n ** 63n);
/** Longer keys, and those with line breaks, are written behind a question mark. */
const longestSimpleKey = 128;
const fewKeys = 12;
// Go writes these as they are into JSON, which YAML then refuses.
const unreadable = /[\x7f-\x84\x86-\x9f\ufffe\uffff]/;

/** Text of which nothing but quotes and folding has to be decided. */
const ordinary = /^[\x20-\x7e\n]*$/;
const plainAscii = /^[\x20-\x7e]*$/;

/** Text that is written as it is, for what YAML has and JSON has not, as timestamps. */
export class PlainText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export interface FormatYamlOptions {
  /** `natural` (default) is the order of go-yaml, in which `a10` comes after `a2`; `bytes` is that of plain strings. */
  keyOrder?: 'natural' | 'bytes';
  /** Whether long strings are broken at spaces (the default); kyaml never does. */
  foldsLines?: boolean;
}

/** Writes a value byte for byte as `Marshal` of sigs.k8s.io/yaml does: keys in natural order, sequences not indented. */
export function formatYaml(value: unknown, options: FormatYamlOptions = {}): string {
  return new YamlWriter('sigs', options).write(value);
}

/** Writes a value as go-yaml v3 with two spaces does: sequences are indented, lines never folded, numbers are floats or bigints. */
export function formatYamlV3(value: unknown): string {
  return new YamlWriter('v3', { foldsLines: false }).write(value);
}

/** Writes several documents, each but the first after a line `---`. */
export function formatYamlDocuments(values: readonly unknown[], options: FormatYamlOptions = {}): string {
  return values.map((value) => formatYaml(value, options)).join('---\n');
}

/**
 * Collections are written line by line. `lead` is what stands before the first item on its line (`- ` of an outer
 * sequence), `indent` the column of all items; both are of one width.
 */
class YamlWriter {
  #out = '';
  readonly #mode: YamlMode;
  readonly #width: number;
  readonly #compare: Compare;

  constructor(mode: YamlMode, { keyOrder, foldsLines = true }: FormatYamlOptions) {
    this.#mode = mode;
    this.#compare = keyOrder === 'bytes' ? compareCodePoints : mode === 'v3' ? compareNaturalV3 : compareNatural;
    this.#width = foldsLines ? 80 : Number.POSITIVE_INFINITY;
  }

  write(value: unknown): string {
    if (isCollection(value)) this.#writeCollection(value, 0, '');
    else this.#endLine('', this.#format(value, 0, 2, false));
    return this.#out;
  }

  #writeCollection(value: object, indent: number, lead: string): void {
    if (Array.isArray(value)) this.#writeSequence(value, indent, lead);
    else this.#writeMapping(value, indent, lead);
  }

  #writeSequence(items: readonly unknown[], indent: number, lead: string): void {
    let start = lead;
    for (const item of items) {
      if (isCollection(item)) this.#writeCollection(item, indent + 2, `${start}- `);
      else {
        const scalar = this.#format(item, indent + 2, indent + 2, false);
        this.#endLine(`${start}- `, scalar);
      }
      start = padding(indent);
    }
  }

  #writeMapping(object: object, indent: number, lead: string): void {
    const record = object as Readonly<Record<string, unknown>>; // any object's own string keys
    let start = lead;
    for (const key of sortedKeys(record, this.#compare)) {
      const value = record[key];
      if (value === undefined) continue;
      if (isSimpleKey(key, this.#mode)) this.#writeEntry(start, key, value, indent);
      else this.#writeLongEntry(start, key, value, indent);
      start = padding(indent);
    }
  }

  #writeEntry(start: string, key: string, value: unknown, indent: number): void {
    const head = `${start}${this.#format(key, indent, indent, true)}:`;
    if (isCollection(value)) {
      this.#out += `${head}\n`;
      // The dashes of a sequence stand under its key, or in v3 behind it.
      const inner = Array.isArray(value) && this.#mode === 'sigs' ? indent : indent + 2;
      this.#writeCollection(value, inner, padding(inner));
    } else {
      this.#endLine(`${head} `, this.#format(value, head.length + 1, indent + 2, false));
    }
  }

  /** `? key` and `: value`, for keys that are long or have several lines. */
  #writeLongEntry(start: string, key: string, value: unknown, indent: number): void {
    this.#endLine(`${start}? `, this.#format(key, indent + 2, indent + 2, false));
    const lead = `${padding(indent)}: `;
    if (isCollection(value)) this.#writeCollection(value, indent + 2, lead);
    else this.#endLine(lead, this.#format(value, indent + 2, indent + 2, false));
  }

  #format(value: unknown, column: number, indent: number, isKey: boolean): string {
    if (typeof value !== 'string') return this.#mode === 'v3' ? formatValueV3(value) : formatValue(value);
    if (isSimple(value)) return value;
    const place = { column, indent, isKey, width: this.#width, mode: this.#mode };
    if (ordinary.test(value) || this.#mode === 'v3') return writeString(value, place);
    return formatForJson(value, place);
  }

  /** A literal block, which nothing else resembles by its first character, may have ended its line already. */
  #endLine(head: string, scalar: string): void {
    const hasEnded = scalar.charCodeAt(0) === 0x7c && scalar.endsWith('\n');
    this.#out += head + scalar + (hasEnded ? '' : '\n');
  }
}

const paddings: string[] = [];

function padding(indent: number): string {
  paddings[indent] ??= ' '.repeat(indent);
  return paddings[indent];
}

/** Whether a value takes lines of its own; empty collections are written as `{}` and `[]`. */
function isCollection(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof PlainText) return false;
  for (const item of Object.values(value)) if (item !== undefined) return true;
  return false;
}

type Compare = (left: string, right: string) => number;

function sortedKeys(record: Readonly<Record<string, unknown>>, compare: Compare): string[] {
  const keys = Object.keys(record);
  if (keys.length > fewKeys) return keys.sort(compare);
  // Few keys, often in order already: inserting beats the general sort.
  for (let index = 1; index < keys.length; index += 1) {
    const key = keys[index]!;
    let place = index;
    for (; place > 0 && compare(key, keys[place - 1]!) < 0; place -= 1) keys[place] = keys[place - 1]!;
    keys[place] = key;
  }
  return keys;
}

function isSimpleKey(key: string, mode: YamlMode): boolean {
  if (key.length <= longestSimpleKey && (isSimple(key) || plainAscii.test(key))) return true;
  if (mode === 'sigs' && key.includes('\x85')) throw new YamlError("yaml: did not find expected ',' or '}'");
  if (/[\n\r\x85\u2028\u2029]/.test(key)) return false;
  return Buffer.byteLength(key) <= longestSimpleKey;
}

function formatForJson(value: string, place: ScalarPlace): string {
  if (unreadable.test(value)) throw new YamlError('yaml: control characters are not allowed');
  const wellFormed = value.isWellFormed() ? value : value.toWellFormed();
  return writeString(wellFormed.includes('\x85') ? foldNextLines(wellFormed) : wellFormed, place);
}

/** The JSON that sigs.k8s.io/yaml makes first holds U+0085 as it is, and reading that as YAML folds it like a newline. */
function foldNextLines(text: string): string {
  return text.replace(/ *\x85[ \x85]*/g, (run) => '\n'.repeat(run.split('\x85').length - 2) || ' ');
}

function formatValue(value: unknown): string {
  switch (typeof value) {
    case 'number':
      return formatNumber(value);
    case 'bigint':
      return value <= maxInteger && value >= minInteger ? String(value) : formatFloat(Number(value));
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? '[]' : '{}';
    default:
      return 'null';
  }
}

function formatValueV3(value: unknown): string {
  if (value instanceof PlainText) return value.text;
  if (typeof value !== 'number') return formatValue(value);
  if (Number.isNaN(value)) return '.nan';
  return Number.isFinite(value) ? formatFloat(value) : value > 0 ? '.inf' : '-.inf';
}

function formatNumber(value: number): string {
  if (!Number.isFinite(value)) throw new YamlError(`json: unsupported value: ${formatFloat(value)}`);
  if (!Number.isInteger(value)) return formatFloat(value);
  if (Number.isSafeInteger(value)) return String(value + 0);
  // Go writes the shortest digits into JSON and reads them back as an integer while they fit.
  const digits = String(value);
  const isInteger = !digits.includes('e') && BigInt(digits) <= maxInteger && BigInt(digits) >= minInteger;
  return isInteger ? digits : formatFloat(value);
}
