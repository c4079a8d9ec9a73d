import { fn, type GoFunction, GoInt, GoStruct, isGoMap, sortedKeys, typeNameOf, Walk } from '@flux/gotemplate';
import { GoTime } from './go-time.ts';
import { parseToml } from './toml-parse.ts';

const bareKey = /^[A-Za-z0-9_-]+$/;

/** Helm's TOML functions. */
export const tomlFunctions: Readonly<Record<string, GoFunction>> = {
  toToml: fn('any', (value: unknown) => {
    if (value === undefined || value === null) return refuseNil();
    try {
      return formatToml(value);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }),
  mustToToml: fn('any', (value: unknown) => (value === undefined || value === null ? refuseNil() : formatToml(value))),
  fromToml: fn('string', (text: string) => {
    try {
      return parseToml(text);
    } catch (error) {
      return { Error: error instanceof Error ? error.message : String(error) };
    }
  }),
};

/** Go's reflection panics before the writer can say anything. */
function refuseNil(): never {
  throw new TypeError('reflect: call of reflect.Value.Type on zero Value');
}

function formatToml(value: unknown): string {
  const walk = new Walk('written as TOML');
  if (isTable(value) && !isGoMap(value)) throw new TypeError('toml: top-level values must be Go maps or structs');
  if (!isGoMap(value)) return writeValue(value, walk, 0);
  const out = writeTable(value, [], walk).join('\n');
  return out === '' ? '' : `${out.replace(/^\n+/, '')}\n`;
}

/** Plain keys first, then tables; each level of tables is indented by two spaces. */
function writeTable(table: Record<string, unknown>, path: readonly string[], walk: Walk): string[] {
  walk.visit(path.length);
  const indent = '  '.repeat(path.length > 0 ? path.length - 1 : 0);
  const inner = path.length === 0 ? '' : `${indent}  `;
  const keys = sortedKeys(table).filter((key) => (table[key] ?? undefined) !== undefined);
  const lines = keys
    .filter((key) => !isTable(table[key]))
    .map((key) => `${inner}${writeKey(key)} = ${writeValue(table[key], walk, path.length)}`);
  for (const key of keys.filter((name) => isTable(table[name]))) {
    const value = table[key];
    const name = [...path, key];
    const header = name.map(writeKey).join('.');
    const at = '  '.repeat(name.length - 1);
    const before = name.length === 1 || !isGoMap(value) ? [''] : [];
    const [open, close] = isGoMap(value) ? ['[', ']'] : ['[[', ']]'];
    for (const item of isGoMap(value) ? [value] : elements(value)) {
      lines.push(...before, `${at}${open}${header}${close}`);
      for (const line of writeTable(item, name, walk)) lines.push(line);
    }
  }
  return lines;
}

function elements(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isGoMap) : [];
}

function isTable(value: unknown): boolean {
  return isGoMap(value) || (Array.isArray(value) && value.length > 0 && value.every(isGoMap));
}

function writeKey(key: string): string {
  return bareKey.test(key) ? key : writeString(key);
}

function writeString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll('\u007f', '\\u007f');
}

function writeValue(value: unknown, walk: Walk, depth: number): string {
  walk.visit(depth);
  if (typeof value === 'string') return writeString(value);
  if (value instanceof GoInt)
    return value.typeName === 'time.Duration' ? writeString(value.text?.() ?? '') : String(value.value);
  if (value instanceof Uint8Array) return `[${value.join(', ')}]`;
  if (typeof value === 'number') return writeFloat(value);
  if (typeof value === 'boolean') return String(value);
  if (value instanceof GoStruct && value.json !== undefined)
    return value instanceof GoTime ? String(value.json()) : writeValue(value.json(), walk, depth + 1);
  if (Array.isArray(value)) return `[${value.map((item) => writeElement(item, walk, depth + 1)).join(', ')}]`;
  if (isGoMap(value))
    return `{${sortedKeys(value)
      .map((key) => `${writeKey(key)} = ${writeValue(value[key], walk, depth + 1)}`)
      .join(', ')}}`;
  throw new TypeError(`toml: cannot encode ${typeNameOf(value)}`);
}

function writeElement(value: unknown, walk: Walk, depth: number): string {
  if (value === null || value === undefined) throw new TypeError('toml: cannot encode array with nil element');
  return writeValue(value, walk, depth);
}

function writeFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const text = Object.is(value, -0) ? '-0' : String(value);
  return Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text;
}
