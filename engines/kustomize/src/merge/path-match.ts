import type { JsonObject, JsonValue } from '@flux/apimachinery';
import { compileRegexp, type Regexp } from '@flux/regexp';
import { splitPath } from '../config/field-spec.ts';
import { BuildError } from '../errors.ts';
import { fieldOf, type Holder, isObject, type Key, readSlot, scalarText, setField } from '../json.ts';
import { plainScalar } from '../plain-scalar.ts';
import { readManifest } from '../read-yaml.ts';
import { wrongKind } from '../wrong-kind.ts';

/** A place found by a path, and whether the search had to make it. */
export interface Slot {
  readonly holder: Holder;
  readonly key: Key;
  readonly isNew: boolean;
}

export type MatchCreate = 'ScalarNode' | 'MappingNode' | 'SequenceNode' | undefined;

/** Splits `a.b.[name=x.y].c`: dots inside brackets belong to the part. */
export function splitFieldPath(path: string): string[] {
  const parts = splitPath(path, '.');
  const result: string[] = [];
  for (let index = 0; index < parts.length; index++) {
    let part = parts[index] ?? '';
    if (!part.startsWith('[') || part.endsWith(']')) {
      result.push(part);
      continue;
    }
    while (index < parts.length - 1) {
      index++;
      part += `.${parts[index]}`;
      if (parts[index]?.endsWith(']')) break;
    }
    result.push(part.includes('=') ? part : part.replace(/^[[\]]+|[[\]]+$/g, ''));
  }
  return result;
}

const indexPart = /^[+-]?\d+$/;

function isIndex(part: string): boolean {
  return indexPart.test(part) && Number.parseInt(part, 10) >= 0;
}

function isBracketed(part: string): boolean {
  return part.startsWith('[') && part.endsWith(']');
}

function splitBracket(part: string): [name: string, value: string] {
  const inner = part.slice(1, -1);
  const equals = inner.indexOf('=');
  if (equals < 0) {
    throw new BuildError('list path element must contain fieldName=fieldValue for element to match');
  }
  return [inner.slice(0, equals), inner.slice(equals + 1)];
}

/** The value at a path whose every part names one place; undefined when it is missing (kyaml's Lookup). */
export function lookupPath(root: JsonValue, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = root;
  for (const raw of path) {
    const part = raw.trim();
    if (part === '') continue;
    if (value === undefined || value === null) return undefined;
    value = lookupPart(value, part);
  }
  return value;
}

function lookupPart(value: JsonValue, part: string): JsonValue | undefined {
  if (indexPart.test(part)) {
    const index = Number.parseInt(part, 10);
    if (index < 0) throw new BuildError(`array index ${index} cannot be negative`);
    return requireList(value)[index];
  }
  if (part === '-') return requireList(value).at(-1);
  if (part === '*') throw new BuildError('wildcard is not supported in PathGetter');
  if (isBracketed(part)) {
    const [name, wanted] = splitBracket(part);
    const list = requireList(value);
    if (name === '') return list.find((item) => scalarText(item) === wanted);
    return list.find(
      (item) => isObject(item) && fieldOf(item, name) !== undefined && scalarText(fieldOf(item, name)) === wanted,
    );
  }
  return fieldOf(requireMap(value), part);
}

function requireList(value: JsonValue): JsonValue[] {
  if (Array.isArray(value)) return value;
  throw wrongKind('SequenceNode', value);
}

function requireMap(value: JsonValue): JsonObject {
  if (isObject(value)) return value;
  throw wrongKind('MappingNode', value);
}

/** All places that a path with wildcards, indices and `[name=regexp]` parts leads to; `create` makes missing ones. */
export function matchPath(start: Slot, path: readonly string[], create: MatchCreate): Slot[] {
  const [part] = path;
  if (part === undefined) return [start];
  const rest = path.slice(1);
  if (isIndex(part)) return matchIndex(start, Number.parseInt(part, 10), rest, create);
  if (isBracketed(part)) return matchItems(start, part, rest, create);
  const value = readSlot(start.holder, start.key);
  if (part === '*') {
    const list = value === undefined || value === null ? [] : requireList(value);
    return list.flatMap((_, index) => matchPath({ holder: list, key: index, isNew: false }, rest, create));
  }
  return matchField(start, part, rest, create);
}

function emptyOf(next: string | undefined, create: MatchCreate): JsonValue {
  if (next !== undefined) return isBracketed(next) || isIndex(next) ? [] : {};
  if (create === 'MappingNode') return {};
  return create === 'SequenceNode' ? [] : null;
}

function matchField(start: Slot, name: string, rest: readonly string[], create: MatchCreate): Slot[] {
  const value = readSlot(start.holder, start.key);
  const map = value === undefined || value === null ? undefined : requireMap(value);
  const field = map === undefined ? undefined : fieldOf(map, name);
  if (map === undefined) return [];
  let isNew = false;
  if (field === undefined) {
    if (create === undefined) return [];
    setField(map, name, emptyOf(rest[0], create));
    isNew = true;
  }
  if (rest.length > 0 && typeof field !== 'object' && field !== undefined) {
    return matchPath(parsedScalar(scalarText(field)), rest, create);
  }
  return matchPath({ holder: map, key: name, isNew }, rest, create);
}

/** YAML or JSON inside a text: the search goes on in a parsed copy, to which nothing is written back. */
function parsedScalar(text: string): Slot {
  const holder: JsonValue[] = [readManifest(text)];
  return { holder, key: 0, isNew: false };
}

function matchIndex(start: Slot, index: number, rest: readonly string[], create: MatchCreate): Slot[] {
  const value = readSlot(start.holder, start.key);
  const list = value === undefined || value === null ? [] : requireList(value);
  const isNew = list.length === index && create !== undefined;
  if (isNew) list.push(emptyOf(rest[0], create));
  if (list.length < index + 1) throw new BuildError(`index ${index} specified but only ${list.length} elements found`);
  return matchPath({ holder: list, key: index, isNew }, rest, create);
}

function matchItems(start: Slot, part: string, rest: readonly string[], create: MatchCreate): Slot[] {
  const [name, pattern] = splitBracket(part);
  const value = readSlot(start.holder, start.key);
  const list = value === undefined || value === null ? [] : requireList(value);
  const search = { name, expression: compileRegexp(pattern), rest, create };
  const found = findItems(list, search, false);
  if (found.length > 0 || create === undefined) return found;
  const element = plainScalar(pattern);
  list.push(name === '' ? element : itemWith(name, element));
  return findItems(list, search, true);
}

function itemWith(name: string, value: JsonValue): JsonObject {
  const item: JsonObject = {};
  setField(item, name, value);
  return item;
}

interface ItemSearch {
  readonly name: string;
  readonly expression: Regexp;
  readonly rest: readonly string[];
  readonly create: MatchCreate;
}

function findItems(list: JsonValue[], { name, expression, rest, create }: ItemSearch, isNew: boolean): Slot[] {
  const result: Slot[] = [];
  list.forEach((item, index) => {
    const text = name === '' ? item : isObject(item) ? fieldOf(item, name) : undefined;
    if (text === undefined || !expression.test(scalarText(text).trim())) return;
    // Parts after a match of plain items are not looked at, as in kyaml.
    if (name === '') result.push({ holder: list, key: index, isNew });
    else result.push(...matchPath({ holder: list, key: index, isNew: false }, rest, create));
  });
  return result;
}
