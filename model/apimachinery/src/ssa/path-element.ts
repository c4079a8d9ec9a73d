import { FluxError } from '@flux/errors';
import { quoteGo } from '@flux/gotypes';
import { marshalGo } from '../go-format.ts';
import type { JsonValue } from '../object.ts';

/** managedFields that cannot be read. */
export class FieldsError extends FluxError {
  override readonly code = 'FIELDS_V1';
}

/**
 * One step of a field path in the form of fieldsV1: `f:name`, `k:{"name":"a"}`, `v:"x"`, `i:0`. Two elements are equal when
 * their texts are, so decoded elements are written again in this one form.
 */
export type PathElement = string;

export function fieldElement(name: string): PathElement {
  return `f:${name}`;
}

export function keyElement(keys: Readonly<Record<string, JsonValue>>): PathElement {
  return `k:${marshalGo(keys)}`;
}

/** The same for keys that are sorted already; names, the usual keys, need no escaping. */
export function sortedKeyElement(keys: readonly (readonly [string, JsonValue])[]): PathElement {
  return `k:{${keys.map(([name, value]) => `${marshalKey(name)}:${marshalKey(value)}`).join(',')}}`;
}

function marshalKey(value: JsonValue): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && /^[\w./:-]*$/.test(value) ? `"${value}"` : marshalGo(value);
}

export function valueElement(value: JsonValue): PathElement {
  return `v:${marshalGo(value)}`;
}

export function indexElement(index: number): PathElement {
  return `i:${index}`;
}

/** The element in its one form; undefined for a kind of element that this version does not know. */
export function parseElement(text: string): PathElement | undefined {
  if (text.length < 2) throw new FieldsError('key must be 2 characters long:');
  if (text[1] !== ':') throw new FieldsError(`missing colon: ${text}`);
  switch (text[0]) {
    case 'f':
      return text;
    case 'i':
      if (!/^i:-?\d+$/.test(text)) throw new FieldsError(`invalid index: ${text}`);
      return text;
    case 'v':
    case 'k':
      return canonicalElement(text);
    default:
      return undefined;
  }
}

const canonical = new Map<string, PathElement>();
const maxCanonical = 10_000;

/** Elements repeat with every object of a kind, so their one form is kept. */
function canonicalElement(text: string): PathElement {
  let element = canonical.get(text);
  if (element === undefined) {
    element = text.startsWith('v') ? valueElement(parseJson(text)) : keyElement(parseKeys(text));
    if (canonical.size >= maxCanonical) canonical.clear();
    canonical.set(text, element);
  }
  return element;
}

function parseJson(text: string): JsonValue {
  try {
    return JSON.parse(text.slice(2)) as JsonValue;
  } catch (cause) {
    throw new FieldsError(`invalid path element: ${text}`, { cause });
  }
}

function parseKeys(text: string): Record<string, JsonValue> {
  const keys = parseJson(text);
  if (typeof keys !== 'object' || keys === null || Array.isArray(keys)) {
    throw new FieldsError(`invalid path element: ${text}`);
  }
  return keys;
}

/** `.name`, `[name="a"]`, `[="x"]`, `[0]`: the element as conflict messages and errors print it. */
export function formatElement(element: PathElement): string {
  switch (element[0]) {
    case 'f':
      return `.${element.slice(2)}`;
    case 'i':
      return `[${element.slice(2)}]`;
    case 'v':
      return `[=${formatScalar(parseJson(element))}]`;
    default: {
      const keys = Object.entries(parseKeys(element)).map(([name, value]) => `${name}=${formatScalar(value)}`);
      return `[${keys.join(',')}]`;
    }
  }
}

function formatScalar(value: JsonValue): string {
  if (typeof value === 'string') return quoteGo(value);
  if (Array.isArray(value)) return `[${value.map(formatScalar).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([key, member]) => `${key}=${formatScalar(member)}`)
      .join('');
  }
  return String(value);
}

const kindOrder = 'fkvi';

/** The order of fieldsV1: fields by name, then keys, values and indices. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a === b) return 0;
  const kind = kindOrder.indexOf(a[0] ?? '') - kindOrder.indexOf(b[0] ?? '');
  if (kind !== 0) return kind;
  if (a[0] === 'f') return a < b ? -1 : 1;
  return a[0] === 'i' ? Number(a.slice(2)) - Number(b.slice(2)) : compareJson(parseJson(a), parseJson(b));
}

function compareJson(a: JsonValue, b: JsonValue): number {
  const rank = typeRank(a) - typeRank(b);
  if (rank !== 0) return rank;
  if (typeof a === 'object' && a !== null) return compareObjects(a as Record<string, JsonValue>, b);
  if (a === b) return 0;
  return (a ?? 0) < (b ?? 0) ? -1 : 1;
}

function compareObjects(a: Record<string, JsonValue>, b: JsonValue): number {
  const left = Object.entries(a);
  const right = Object.entries(b as Record<string, JsonValue>);
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const [nameA, valueA] = left[index]!;
    const [nameB, valueB] = right[index]!;
    if (nameA !== nameB) return nameA < nameB ? -1 : 1;
    const order = compareJson(valueA, valueB);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function typeRank(value: JsonValue): number {
  if (typeof value === 'number' || typeof value === 'bigint') return 0;
  if (typeof value === 'string') return 1;
  if (typeof value === 'boolean') return 2;
  return value === null ? 4 : 3;
}
