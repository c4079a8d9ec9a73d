import { fn, type GoFunction, GoInt, GoStruct, isGoMap, sortedKeys, typeNameOf } from '@flux/gotemplate';
import { GoTime } from './go-time.ts';
import { parseToml } from './toml-parse.ts';

const bareKey = /^[A-Za-z0-9_-]+$/;

/** Helm's TOML functions. */
export const tomlFunctions: Readonly<Record<string, GoFunction>> = {
  toToml: fn('any', (value: unknown) => {
    try {
      return formatToml(value);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }),
  mustToToml: fn('any', formatToml),
  fromToml: fn('string', (text: string) => {
    try {
      return parseToml(text);
    } catch (error) {
      return { Error: error instanceof Error ? error.message : String(error) };
    }
  }),
};

function formatToml(value: unknown): string {
  if (!isGoMap(value)) return writeValue(value);
  const out = writeTable(value, []).join('\n');
  return out === '' ? '' : `${out.replace(/^\n+/, '')}\n`;
}

/** Plain keys first, then tables; each level of tables is indented by two spaces. */
function writeTable(table: Record<string, unknown>, path: readonly string[]): string[] {
  const indent = '  '.repeat(path.length > 0 ? path.length - 1 : 0);
  const inner = path.length === 0 ? '' : `${indent}  `;
  const keys = sortedKeys(table).filter((key) => (table[key] ?? undefined) !== undefined);
  const lines = keys
    .filter((key) => !isTable(table[key]))
    .map((key) => `${inner}${writeKey(key)} = ${writeValue(table[key])}`);
  for (const key of keys.filter((name) => isTable(table[name]))) {
    const value = table[key];
    const name = [...path, key];
    const header = name.map(writeKey).join('.');
    const at = '  '.repeat(name.length - 1);
    const before = name.length === 1 ? [''] : [];
    if (isGoMap(value)) lines.push(...before, `${at}[${header}]`, ...writeTable(value, name));
    else if (Array.isArray(value)) {
      for (const item of value)
        if (isGoMap(item)) lines.push(...before, `${at}[[${header}]]`, ...writeTable(item, name));
    }
  }
  return lines;
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

function writeValue(value: unknown): string {
  if (typeof value === 'string') return writeString(value);
  if (value instanceof GoInt) return String(value.value);
  if (typeof value === 'number') return writeFloat(value);
  if (typeof value === 'boolean') return String(value);
  if (value instanceof GoStruct && value.json !== undefined)
    return value instanceof GoTime ? String(value.json()) : writeValue(value.json());
  if (Array.isArray(value)) return `[${value.map(writeElement).join(', ')}]`;
  if (isGoMap(value))
    return `{${sortedKeys(value)
      .map((key) => `${writeKey(key)} = ${writeValue(value[key])}`)
      .join(', ')}}`;
  throw new TypeError(`toml: cannot encode ${typeNameOf(value)}`);
}

function writeElement(value: unknown): string {
  if (value === null || value === undefined) throw new TypeError('toml: cannot encode array with nil element');
  return writeValue(value);
}

function writeFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const text = String(value);
  return Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text;
}
