import type { JsonObject, JsonValue } from '@flux/apimachinery';
import { BuildError } from '../errors.ts';
import { compareText, type Gvk, gvkSortText, isSelected, kindRanks, legacyFirst, legacyLast } from '../gvk.ts';
import { fieldOf, type Holder, isObject, type Key, readSlot, setField, writeSlot } from '../json.ts';
import type { Resource } from '../resource.ts';
import { formatId } from '../resource-id.ts';
import { wrongKind } from '../wrong-kind.ts';

/** Where a transformer writes: a field path in resources of some kinds. */
export interface FieldSpec extends Gvk {
  /** Fields separated by `/` (`\/` is a literal slash); `[]` marks a list, though lists are walked without it too. */
  readonly path: string;
  /** The path is made when it is missing. */
  readonly create: boolean;
}

/** Splits a field path at its delimiter; a backslash before the delimiter keeps it. */
export function splitPath(path: string, delimiter = '/'): string[] {
  const parts = path.split(delimiter);
  if (parts.length > 1 && parts[0] === '') parts.shift();
  const result: string[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (last?.endsWith('\\')) result[result.length - 1] = last.slice(0, -1) + delimiter + part;
    else result.push(part);
  }
  return result;
}

const ranks = kindRanks(legacyFirst, legacyLast);

/** In the legacy order of kinds; what is compared is made once for each item, as this runs at every start. */
export function sortByGvk<T extends Gvk>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, rank: ranks.get(item.kind) ?? 0, text: gvkSortText(item) }))
    .sort((a, b) => a.rank - b.rank || compareText(a.text, b.text))
    .map(({ item }) => item);
}

/** Adds a spec unless an equal one (same path, selected by the new one's kind) is there; then `create` must agree. */
export function addFieldSpec(specs: FieldSpec[], added: FieldSpec): void {
  const known = specs.find((spec) => spec.path === added.path && isSelected(spec, added));
  if (known === undefined) specs.push(added);
  else if (known.create !== added.create) throw new BuildError('conflicting fieldspecs');
}

export function mergeFieldSpecs(specs: readonly FieldSpec[], added: readonly FieldSpec[]): FieldSpec[] {
  if (added.length === 0) return [...specs];
  const result = [...specs];
  const byPath = Map.groupBy(specs, ({ path }) => path);
  for (const spec of added) {
    const samePath = byPath.get(spec.path) ?? [];
    const count = samePath.length;
    addFieldSpec(samePath, spec);
    if (samePath.length > count) result.push(spec);
    byPath.set(spec.path, samePath);
  }
  return result;
}

const selections = new WeakMap<readonly FieldSpec[], Map<string, readonly FieldSpec[]>>();

/** The specs of a list, complete by now, that select a kind; found once for each, as resources are many and kinds few. */
export function selectedSpecs(specs: readonly FieldSpec[], gvk: Gvk): readonly FieldSpec[] {
  let byKind = selections.get(specs);
  if (byKind === undefined) {
    byKind = new Map();
    selections.set(specs, byKind);
  }
  const key = `${gvk.kind}\n${gvk.version}\n${gvk.group}`;
  let selected = byKind.get(key);
  if (selected === undefined) {
    selected = specs.filter((spec) => isSelected(gvk, spec));
    byKind.set(key, selected);
  }
  return selected;
}

/** What is made at the end of a path that does not exist yet. */
export type CreateKind = 'scalar' | 'map' | undefined;
export type Setter = (holder: Holder, key: Key) => void;

interface Walk {
  readonly path: readonly string[];
  readonly create: boolean;
  readonly createKind: CreateKind;
  readonly set: Setter;
}

const pathCache = new WeakMap<FieldSpec, readonly string[]>();

function pathOf(spec: FieldSpec): readonly string[] {
  let path = pathCache.get(spec);
  if (path === undefined) {
    path = splitPath(spec.path);
    pathCache.set(spec, path);
  }
  return path;
}

/** Calls `set` at each place of the resource that the spec names; other kinds are left alone. */
export function visitField(resource: Resource, spec: FieldSpec, set: Setter, createKind?: CreateKind): void {
  if (!isSelected(resource.id, spec)) return;
  visitPath(resource, spec, set, createKind);
}

/** As `visitField`, for a resource whose kind was matched already. */
export function visitPath(resource: Resource, spec: FieldSpec, set: Setter, createKind?: CreateKind): void {
  const walk: Walk = { path: pathOf(spec), create: spec.create, createKind, set };
  try {
    visitMap(resource.object, 0, walk);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    const { message } = error;
    throw new BuildError(`considering field '${spec.path}' of object ${formatId(resource.id)}: ${message}`, {
      cause: error,
    });
  }
}

function visit(holder: Holder, key: Key, depth: number, walk: Walk): void {
  if (depth === walk.path.length) {
    walk.set(holder, key);
    return;
  }
  const value = readSlot(holder, key);
  if (value === undefined || value === null) return;
  if (Array.isArray(value)) visitList(value, depth, walk);
  else if (isObject(value)) visitMap(value, depth, walk);
  else throw new BuildError('expected sequence or mapping node');
}

function visitList(items: JsonValue[], depth: number, walk: Walk): void {
  for (let index = 0; index < items.length; index++) {
    try {
      visit(items, index, depth, walk);
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      const rest = walk.path.slice(depth).join(' ');
      throw new BuildError(`visit traversal on path: [${rest}]: ${error.message}`, { cause: error });
    }
  }
}

function visitMap(object: JsonObject, depth: number, walk: Walk): void {
  const part = walk.path[depth] ?? '';
  const isList = part.endsWith('[]');
  const name = isList ? part.slice(0, -2) : part;
  if (name === '') throw new BuildError('cannot set or create an empty field name');
  const value = fieldOf(object, name);
  if (value === undefined || value === null) {
    const made = isList ? (value === null ? [] : undefined) : madeValue(depth, walk);
    if (made === undefined && value === undefined) return;
    if (made !== undefined) setField(object, name, made);
  }
  visit(object, name, depth + 1, walk);
}

function madeValue(depth: number, walk: Walk): JsonValue | undefined {
  if (!walk.create || walk.createKind === undefined) return undefined;
  if (depth + 1 < walk.path.length || walk.createKind === 'map') return {};
  return '';
}

/** A setter for an entry of a map (labels, annotations); null places stay null. `added` is told where it is new. */
export function setEntry(name: string, value: string, added: (map: JsonObject) => void): Setter {
  return (holder, key) => {
    const map = readSlot(holder, key);
    if (isObject(map)) {
      if (fieldOf(map, name) === undefined) added(map);
      setField(map, name, value);
    } else if (map !== null && map !== undefined) throw wrongKind('MappingNode', map);
  };
}

/** A setter for a scalar; a map or list at the place is an error. */
export function setScalar(value: JsonValue): Setter {
  return (holder, key) => {
    requireScalar(readSlot(holder, key));
    writeSlot(holder, key, value);
  };
}

export function requireScalar(value: JsonValue | undefined): void {
  if (typeof value === 'object' && value !== null) throw wrongKind('ScalarNode', value);
}
