import { compareNatural, formatFloat } from '@flux/gotypes';
import { type ScalarPlace, writeString } from './write-scalar.ts';
import { YamlError } from './yaml-error.ts';

const maxInteger = 2n ** 64n - 1n;
const minInteger = -(2n ** 63n);
/** Longer keys, and those with line breaks, are written behind a question mark. */
const longestSimpleKey = 128;
// Go writes these as they are into JSON, which YAML then refuses.
const unreadable = /[\x7f-\x84\x86-\x9f\ufffe\uffff]/;

/** Writes a value byte for byte as `Marshal` of sigs.k8s.io/yaml does: keys in natural order, sequences not indented. */
export function formatYaml(value: unknown): string {
  return new YamlWriter().write(value);
}

/** Writes several documents, each but the first after a line `---`. */
export function formatYamlDocuments(values: readonly unknown[]): string {
  return values.map(formatYaml).join('---\n');
}

class YamlWriter {
  #out = '';
  #column = 0;

  write(value: unknown): string {
    if (isCollection(value)) this.#writeCollection(value, 0, false);
    else this.#writeScalar(value, 2, false);
    this.#endLine();
    return this.#out;
  }

  /** The first item continues the line that is open; the others begin lines of their own. */
  #writeCollection(value: object, indent: number, isIndentless: boolean): void {
    if (Array.isArray(value)) this.#writeSequence(value, isIndentless ? indent - 2 : indent);
    else this.#writeMapping(value, indent);
  }

  #writeSequence(items: readonly unknown[], indent: number): void {
    for (const item of items) {
      this.#startItem(indent);
      this.#put('-');
      if (isCollection(item)) this.#writeCollection(item, indent + 2, false);
      else this.#writeInline(item, indent + 2);
    }
  }

  #writeMapping(object: object, indent: number): void {
    const record = object as Readonly<Record<string, unknown>>; // any object's own string keys
    for (const key of sortedKeys(record)) {
      const value = record[key];
      this.#startItem(indent);
      if (isSimpleKey(key)) {
        this.#writeScalar(key, indent + 2, true);
        this.#put(':');
        if (isCollection(value)) {
          this.#endLine();
          this.#writeCollection(value, indent + 2, true);
        } else this.#writeInline(value, indent + 2);
      } else {
        this.#put('?');
        this.#writeInline(key, indent + 2);
        this.#startItem(indent);
        this.#put(':');
        if (isCollection(value)) this.#writeCollection(value, indent + 2, false);
        else this.#writeInline(value, indent + 2);
      }
    }
  }

  #writeInline(value: unknown, indent: number): void {
    this.#put(' ');
    this.#writeScalar(value, indent, false);
  }

  #writeScalar(value: unknown, indent: number, isKey: boolean): void {
    const place: ScalarPlace = { column: this.#column, indent, isKey };
    this.#put(typeof value === 'string' ? writeChecked(value, place) : formatValue(value));
  }

  /** Moves to the column of an item: on the open line if that is short of it, else on the next. */
  #startItem(indent: number): void {
    if (this.#column >= indent && this.#column > 0) this.#endLine();
    this.#put(' '.repeat(indent - this.#column));
  }

  #put(text: string): void {
    this.#out += text;
    const lineStart = text.lastIndexOf('\n') + 1;
    this.#column = lineStart === 0 ? this.#column + text.length : text.length - lineStart;
  }

  #endLine(): void {
    if (this.#column === 0) return;
    this.#out += '\n';
    this.#column = 0;
  }
}

/** Whether a value takes lines of its own; empty collections are written as `{}` and `[]`. */
function isCollection(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) ? value.length > 0 : Object.values(value).some((item) => item !== undefined);
}

function sortedKeys(record: Readonly<Record<string, unknown>>): string[] {
  const keys = Object.keys(record).filter((key) => record[key] !== undefined);
  return keys.length > 1 ? keys.sort(compareNatural) : keys;
}

function isSimpleKey(key: string): boolean {
  if (key.includes('\x85')) throw new YamlError("yaml: did not find expected ',' or '}'");
  if (key.length > longestSimpleKey) return false;
  if (/[\n\r\u2028\u2029]/.test(key)) return false;
  return key.length * 3 <= longestSimpleKey || Buffer.byteLength(key) <= longestSimpleKey;
}

function writeChecked(text: string, place: ScalarPlace): string {
  if (unreadable.test(text)) throw new YamlError('yaml: control characters are not allowed');
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
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
