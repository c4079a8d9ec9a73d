import { formatFloat } from '@flux/gotypes';
import { quote } from './quote.ts';
import { GoInt, type GoMap, GoStruct, isGoFunction, isGoMap, kindOf, sortedKeys, typeNameOf } from './values.ts';
import { Walk } from './walk.ts';

/** How the parts of a value are written: `%v` and `%+v`, `%#v`, or the verb of the printf that shows a collection. */
export interface PrintStyle {
  /** Struct fields carry names. */
  readonly plus?: boolean;
  /** Go syntax. */
  readonly sharp?: boolean;
  /** Writes one scalar; collections hand each of theirs to it. */
  readonly scalar?: (value: unknown) => string;
}

/** What `fmt.Sprint` gives for one value: Go's `%v`. */
export function printValue(value: unknown, style: PrintStyle = {}): string {
  if (typeof value === 'string' && style.scalar === undefined && !style.sharp) return value;
  return printPart(value, style, new Walk('printed'), 0);
}

function printPart(value: unknown, style: PrintStyle, walk: Walk, depth: number): string {
  walk.visit(depth);
  if (value === null || value === undefined)
    return style.scalar?.(value) ?? (style.sharp ? 'interface {}(nil)' : '<nil>');
  if (value instanceof GoStruct) return printStruct(value, style, walk, depth);
  if (Array.isArray(value) || value instanceof Uint8Array) return printSlice(value, style, walk, depth);
  if (isGoMap(value)) return printMap(value, style, walk, depth);
  if (style.scalar !== undefined) return style.scalar(value);
  return style.sharp ? printSharp(value) : printScalar(value);
}

/** Scalars as `%v` shows them; a map key or element looks the same. */
function printScalar(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return formatFloat(value);
  if (value instanceof GoInt) return value.text?.() ?? String(value.value);
  return isGoFunction(value) ? '0x0' : String(value);
}

function printSharp(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return formatFloat(value);
  if (value instanceof GoInt && value.kind.startsWith('u')) return `0x${value.value.toString(16)}`;
  return printScalar(value);
}

function printSlice(value: readonly unknown[] | Uint8Array, style: PrintStyle, walk: Walk, depth: number): string {
  if (value instanceof Uint8Array) {
    if (style.sharp) return `[]byte{${[...value].map((byte) => `0x${byte.toString(16)}`).join(', ')}}`;
    // A chart's files can be printed with everything else, and have millions of bytes.
    if (style.scalar === undefined) return `[${value.join(' ')}]`;
  }
  const items = value instanceof Uint8Array ? [...value].map((byte) => new GoInt(byte, 'uint8')) : value;
  const parts = items.map((item) => printPart(item, style, walk, depth + 1));
  return style.sharp ? `${typeNameOf(value)}{${parts.join(', ')}}` : `[${parts.join(' ')}]`;
}

function printMap(value: GoMap, style: PrintStyle, walk: Walk, depth: number): string {
  const key = (name: string) => (style.scalar ?? (style.sharp ? quote : printScalar))(name);
  const parts = sortedKeys(value).map((name) => `${key(name)}:${printPart(value[name], style, walk, depth + 1)}`);
  return style.sharp ? `${typeNameOf(value)}{${parts.join(', ')}}` : `map[${parts.join(' ')}]`;
}

function printStruct(value: GoStruct, style: PrintStyle, walk: Walk, depth: number): string {
  if (value.text !== undefined && !style.sharp) return style.scalar?.(value.text()) ?? value.text();
  const named = style.plus || style.sharp;
  const parts = [...value.fields].map(([name, field]) => {
    return (named ? `${name}:` : '') + printPart(field, style, walk, depth + 1);
  });
  const prefix = value.pointer ? '&' : '';
  if (style.sharp) return `${prefix}${value.typeName.replace(/^\*/, '')}{${parts.join(', ')}}`;
  return `${prefix}{${parts.join(' ')}}`;
}

/** `fmt.Sprint`: a space between two operands when neither is a string. */
export function sprint(values: readonly unknown[]): string {
  let out = '';
  values.forEach((value, index) => {
    const isText = kindOf(value) === 'string';
    if (index > 0 && !isText && kindOf(values[index - 1]) !== 'string') out += ' ';
    out += printValue(value);
  });
  return out;
}

/** `fmt.Sprintln`. */
export function sprintln(values: readonly unknown[]): string {
  return `${values.map((value) => printValue(value)).join(' ')}\n`;
}
