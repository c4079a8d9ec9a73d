import { compareNatural, formatFloat } from '@flux/gotypes';
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

/** Writes a value byte for byte as `Marshal` of sigs.k8s.io/yaml does: keys in natural order, sequences not indented. */
export function formatYaml(value: unknown): string {
  return new YamlWriter().write(value);
}

/** Writes several documents, each but the first after a line `---`. */
export function formatYamlDocuments(values: readonly unknown[]): string {
  return values.map(formatYaml).join('---\n');
}

/**
 * Collections are written line by line. `lead` is what stands before the first item on its line (`- ` of an outer
 * sequence), `indent` the column of all items; both are of one width.
 */
class YamlWriter {
  #out = '';

  write(value: unknown): string {
    if (isCollection(value)) this.#writeCollection(value, 0, '');
    else this.#endLine('', formatScalar(value, { column: 0, indent: 2, isKey: false }));
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
        const scalar = formatScalar(item, { column: indent + 2, indent: indent + 2, isKey: false });
        this.#endLine(`${start}- `, scalar);
      }
      start = padding(indent);
    }
  }

  #writeMapping(object: object, indent: number, lead: string): void {
    const record = object as Readonly<Record<string, unknown>>; // any object's own string keys
    let start = lead;
    for (const key of sortedKeys(record)) {
      const value = record[key];
      if (value === undefined) continue;
      if (isSimpleKey(key)) this.#writeEntry(start, key, value, indent);
      else this.#writeLongEntry(start, key, value, indent);
      start = padding(indent);
    }
  }

  #writeEntry(start: string, key: string, value: unknown, indent: number): void {
    const head = `${start}${formatScalar(key, { column: indent, indent, isKey: true })}:`;
    if (isCollection(value)) {
      this.#out += `${head}\n`;
      // The dashes of a sequence stand under its key.
      const inner = Array.isArray(value) ? indent : indent + 2;
      this.#writeCollection(value, inner, padding(inner));
    } else {
      const place = { column: head.length + 1, indent: indent + 2, isKey: false };
      this.#endLine(`${head} `, formatScalar(value, place));
    }
  }

  /** `? key` and `: value`, for keys that are long or have several lines. */
  #writeLongEntry(start: string, key: string, value: unknown, indent: number): void {
    const place = { column: indent + 2, indent: indent + 2, isKey: false };
    this.#endLine(`${start}? `, formatScalar(key, place));
    const lead = `${padding(indent)}: `;
    if (isCollection(value)) this.#writeCollection(value, indent + 2, lead);
    else this.#endLine(lead, formatScalar(value, place));
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
  for (const item of Object.values(value)) if (item !== undefined) return true;
  return false;
}

function sortedKeys(record: Readonly<Record<string, unknown>>): string[] {
  const keys = Object.keys(record);
  if (keys.length > fewKeys) return keys.sort(compareNatural);
  // Few keys, often in order already: inserting beats the general sort.
  for (let index = 1; index < keys.length; index += 1) {
    const key = keys[index]!;
    let place = index;
    for (; place > 0 && compareNatural(key, keys[place - 1]!) < 0; place -= 1) keys[place] = keys[place - 1]!;
    keys[place] = key;
  }
  return keys;
}

function isSimpleKey(key: string): boolean {
  if (key.length <= longestSimpleKey && (isSimple(key) || plainAscii.test(key))) return true;
  if (key.includes('\x85')) throw new YamlError("yaml: did not find expected ',' or '}'");
  if (/[\n\r\u2028\u2029]/.test(key)) return false;
  return Buffer.byteLength(key) <= longestSimpleKey;
}

function formatScalar(value: unknown, place: ScalarPlace): string {
  if (typeof value !== 'string') return formatValue(value);
  if (isSimple(value)) return value;
  if (ordinary.test(value)) return writeString(value, place);
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

function formatNumber(value: number): string {
  if (!Number.isFinite(value)) throw new YamlError(`json: unsupported value: ${formatFloat(value)}`);
  if (!Number.isInteger(value)) return formatFloat(value);
  if (Number.isSafeInteger(value)) return String(value + 0);
  // Go writes the shortest digits into JSON and reads them back as an integer while they fit.
  const digits = String(value);
  const isInteger = !digits.includes('e') && BigInt(digits) <= maxInteger && BigInt(digits) >= minInteger;
  return isInteger ? digits : formatFloat(value);
}
