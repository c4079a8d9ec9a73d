import { GoInt, type GoMap, GoStruct, isGoMap, isNilValue, setKey, sortedKeys, Walk } from '@flux/gotemplate';
import { escapeHtmlJson } from '@flux/gotypes';

/** Go's json.Marshal: keys sorted, fields of structs in their order; NaN and infinities are an error. */
export function marshalJson(value: unknown, options: { indent?: string; escapeHtml?: boolean } = {}): string {
  const text = write(value, { indent: options.indent ?? '', walk: new Walk('written as JSON') }, '\n', 0);
  return options.escapeHtml === false ? text.replace(/[\u2028\u2029]/g, escapeHtmlJson) : escapeHtmlJson(text);
}

interface Writing {
  indent: string;
  walk: Walk;
}

function write(value: unknown, writing: Writing, lineBreak: string, depth: number): string {
  const { indent, walk } = writing;
  walk.visit(depth);
  if (value instanceof GoInt) return String(value.value);
  if (value instanceof GoStruct && value.json !== undefined) return write(value.json(), writing, lineBreak, depth + 1);
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'));
  if (typeof value === 'number') return writeNumber(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return writeText(value);
  if (Array.isArray(value) && isNilValue(value)) return 'null';
  if (Array.isArray(value))
    return group(
      '[',
      value.map((item) => write(item, writing, nest(lineBreak, indent), depth + 1)),
      ']',
      indent,
      lineBreak,
    );
  const entries = entriesOf(value);
  if (entries === undefined) return isGoMap(value) ? 'null' : JSON.stringify(value ?? null);
  const colon = indent === '' ? ':' : ': ';
  const parts = entries.map(
    ([key, item]) => writeText(key) + colon + write(item, writing, nest(lineBreak, indent), depth + 1),
  );
  return group('{', parts, '}', indent, lineBreak);
}

/** Go writes an escape for bytes that are no text, but a replacement character as it is. */
function writeText(text: string): string {
  if (text.isWellFormed()) return JSON.stringify(text);
  return text
    .split(/[\ud800-\udfff]/u)
    .map((part) => JSON.stringify(part).slice(1, -1))
    .join('\\ufffd')
    .replace(/^|$/g, '"');
}

function nest(lineBreak: string, indent: string): string {
  return lineBreak + indent;
}

function group(open: string, parts: readonly string[], close: string, indent: string, lineBreak: string): string {
  if (parts.length === 0) return open + close;
  if (indent === '') return open + parts.join(',') + close;
  return `${open}${lineBreak}${indent}${parts.join(`,${lineBreak}${indent}`)}${lineBreak}${close}`;
}

function writeNumber(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  throw new RangeError(`json: unsupported value: ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`);
}

function entriesOf(value: unknown): (readonly [string, unknown])[] | undefined {
  if (isGoMap(value) && isNilValue(value)) return undefined;
  if (isGoMap(value)) return sortedKeys(value).map((key) => [key, value[key]] as const);
  if (!(value instanceof GoStruct)) return undefined;
  return [...value.fields]
    .filter(([name]) => /^\p{Lu}/u.test(name))
    .map(([name, field]) => [value.jsonNames[name] ?? name, field] as const);
}

/**
 * A value of templates as plain JSON data, as `marshalJson` and reading it again would give, for writers that know nothing
 * of Go. Parts that are plain already are not copied.
 */
export function toPlain(value: unknown): unknown {
  return plainPart(value, new Walk('written as JSON'), 0);
}

function plainPart(value: unknown, walk: Walk, depth: number): unknown {
  walk.visit(depth);
  if (typeof value === 'string') return value.isWellFormed() ? value : JSON.parse(writeText(value));
  if (typeof value === 'number') return plainNumber(value);
  if (typeof value === 'boolean') return value;
  if (value === null || value === undefined) return null;
  if (value instanceof GoInt) return plainInteger(value.value);
  if (typeof value === 'bigint') return plainInteger(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof GoStruct && value.json !== undefined) return plainPart(value.json(), walk, depth + 1);
  if (Array.isArray(value)) return isNilValue(value) ? null : plainList(value, walk, depth);
  if (isGoMap(value)) return isNilValue(value) ? null : plainMap(value, walk, depth);
  const plain: GoMap = {};
  for (const [key, item] of entriesOf(value) ?? []) setKey(plain, key, plainPart(item, walk, depth + 1));
  return plain;
}

function plainList(items: readonly unknown[], walk: Walk, depth: number): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let index = 0; index < items.length; index++) {
    const plain = plainPart(items[index], walk, depth + 1);
    if (plain !== items[index]) copy ??= items.slice();
    if (copy !== undefined) copy[index] = plain;
  }
  return copy ?? items;
}

function plainMap(map: GoMap, walk: Walk, depth: number): GoMap {
  let copy: GoMap | undefined;
  for (const key of Object.keys(map)) {
    const plain = plainPart(map[key], walk, depth + 1);
    if (plain === map[key] && key.isWellFormed()) continue;
    copy ??= { ...map };
    if (!key.isWellFormed()) delete copy[key];
    setKey(copy, key.toWellFormed(), plain);
  }
  return copy ?? map;
}

function plainNumber(value: number): unknown {
  if (!Number.isFinite(value)) writeNumber(value);
  return Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e19
    ? shortInteger(value)
    : value;
}

/** The digits that JSON would show, which are an integer again when they are read. */
function shortInteger(value: number): unknown {
  const digits = String(value);
  return digits.length < 20 ? BigInt(digits) : value;
}

function plainInteger(value: bigint): unknown {
  const number = Number(value);
  return Number.isSafeInteger(number) || value >= 10n ** 19n ? number : value;
}
