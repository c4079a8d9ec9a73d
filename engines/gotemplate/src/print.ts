import { formatFloat } from '@flux/gotypes';
import { GoInt, GoStruct, isGoFunction, isGoMap, sortedKeys } from './values.ts';
import { Walk } from './walk.ts';

/** What `fmt.Sprint` gives for one value: Go's `%v`. */
export function printValue(value: unknown): string {
  return typeof value === 'string' ? value : printPart(value, new Walk('printed'), 0);
}

function printPart(value: unknown, walk: Walk, depth: number): string {
  walk.visit(depth);
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return formatFloat(value);
  if (value instanceof GoInt) return value.text?.() ?? String(value.value);
  if (value instanceof GoStruct) return printStruct(value, walk, depth);
  // A chart's files can be printed with everything else, and have millions of bytes.
  if (value instanceof Uint8Array) return `[${value.join(' ')}]`;
  if (Array.isArray(value)) return `[${value.map((item) => printPart(item, walk, depth + 1)).join(' ')}]`;
  if (!isGoMap(value)) return isGoFunction(value) ? '0x0' : String(value);
  return `map[${sortedKeys(value)
    .map((name) => `${name}:${printPart(value[name], walk, depth + 1)}`)
    .join(' ')}]`;
}

function printStruct(value: GoStruct, walk: Walk, depth: number): string {
  if (value.text !== undefined) return value.text();
  const parts = [...value.fields.values()].map((field) => printPart(field, walk, depth + 1));
  return `${value.pointer ? '&' : ''}{${parts.join(' ')}}`;
}

/** `fmt.Sprint`: a space between two operands when neither is a string. */
export function sprint(values: readonly unknown[]): string {
  let out = '';
  values.forEach((value, index) => {
    if (index > 0 && typeof value !== 'string' && typeof values[index - 1] !== 'string') out += ' ';
    out += printValue(value);
  });
  return out;
}

/** `fmt.Sprintln`. */
export function sprintln(values: readonly unknown[]): string {
  return `${values.map((value) => printValue(value)).join(' ')}\n`;
}
