import { getMember } from '../deep.ts';
import type { JsonObject, JsonValue } from '../object.ts';
import type { Atom, ListAtom } from './atom.ts';
import { type PathElement, sortedKeyElement, valueElement } from './path-element.ts';

/** A value that may be absent; null is a value of its own. */
export type Value = JsonValue | undefined;

/** A value that does not have the type its schema says. */
export interface TypedError {
  /** `.spec.containers[name="a"]`, empty for the object itself. */
  readonly path: string;
  readonly message: string;
}

export function formatTypedErrors(errors: readonly TypedError[]): string {
  const texts = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return texts.length === 1 ? (texts[0] ?? '') : ['errors:', ...texts.map((text) => `  ${text}`)].join('\n');
}

export function isMap(value: Value): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isScalar(value: Value): value is string | number | bigint | boolean {
  return value !== undefined && value !== null && typeof value !== 'object';
}

/** Narrows an open type to the form that the value has. */
export function deduceAtom(atom: Atom, value: Value): Atom {
  if (isScalar(value)) return atom.scalar === undefined ? atom : { scalar: atom.scalar };
  if (Array.isArray(value)) return atom.list === undefined ? atom : { list: atom.list };
  if (isMap(value)) return atom.map === undefined ? atom : { map: atom.map };
  return atom;
}

/** The one form that a walker follows: maps before scalars before lists, as the reference does. */
export function formOf(atom: Atom): 'map' | 'scalar' | 'list' {
  if (atom.map !== undefined) return 'map';
  return atom.scalar !== undefined ? 'scalar' : 'list';
}

/** The path element of an item of a set or list map, or the reason why it has none. */
export function itemElement(list: ListAtom, item: JsonValue): PathElement | { problem: string } {
  return list.keys.length > 0 ? keyedElement(list, item) : setElement(item);
}

function keyedElement(list: ListAtom, item: JsonValue): PathElement | { problem: string } {
  if (item === null) return { problem: 'associative list with keys may not have a null element' };
  if (!isMap(item)) return { problem: 'associative list with keys may not have non-map elements' };
  const keys: [string, JsonValue][] = [];
  for (const name of list.sortedKeys) {
    const value = getMember(item, name);
    const known = value === undefined ? list.element.map?.defaultOf(name) : value;
    if (known !== undefined) keys.push([name, known]);
  }
  if (keys.length > 0) return sortedKeyElement(keys);
  const names = `["${list.keys.join('" "')}"]`;
  return {
    problem: `associative list with keys has an element that omits all key fields ${names} (and doesn't have default values for any key fields)`,
  };
}

function setElement(item: JsonValue): PathElement | { problem: string } {
  if (isMap(item)) return { problem: "associative list without keys has an element that's a map type" };
  if (Array.isArray(item)) return { problem: 'not supported: associative list with lists as elements' };
  if (item === null) return { problem: "associative list without keys has an element that's an explicit null" };
  return valueElement(item);
}
