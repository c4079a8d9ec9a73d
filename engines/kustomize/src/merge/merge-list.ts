import type { JsonObject, JsonValue } from '@flux/apimachinery';
import { fieldOf, isObject, scalarText, setField } from '../json.ts';
import { plainScalar } from '../plain-scalar.ts';
import { wrongKind } from '../wrong-kind.ts';
import type { Schema } from './builtin-schema.ts';
import { isMissing, keptNull, type MergeContext, type Walk } from './node.ts';

/** How a list and its items merge. */
interface ListMerge {
  readonly schema: Schema;
  readonly context: MergeContext;
  /** Merges two items. */
  readonly walk: Walk;
}

/**
 * Lists merged by key, step by step as kyaml does it (walk/associative_sequence.go): items of the patch come first, in the
 * patch's order, and odd inputs (items without a key, repeated keys) come out exactly as odd as there.
 */
export function mergeLists(
  target: JsonValue[],
  patch: JsonValue[] | undefined,
  { schema, context, walk }: ListMerge,
): JsonValue[] {
  const keys = schema.mergeKeys ?? [];
  const scalars = keys.length === 0;
  const lists = patch === undefined ? [target] : [patch, target];
  let values = scalars ? scalarValues(lists) : keyValues(lists, keys);
  const names = scalars ? [''] : keys;
  if (names.length > 1) values = unifyValues(values);
  const added: JsonValue[] = [];
  let valid: readonly string[] = [];
  for (const value of values) {
    const chosen = validKeys(values, value, names);
    valid = chosen.keys;
    mergeItem(target, patch, chosen, { added, schema: schema.items, context, walk });
  }
  return values.length > 0 ? appendList(added, target, valid) : target;
}

interface Chosen {
  readonly keys: readonly string[];
  readonly values: readonly string[];
}

interface ItemContext {
  readonly added: JsonValue[];
  readonly schema: Schema | undefined;
  readonly context: MergeContext;
  readonly walk: Walk;
}

function mergeItem(target: JsonValue[], patch: JsonValue[] | undefined, chosen: Chosen, item: ItemContext): void {
  const narrowed = validKeys([chosen.values], chosen.values, chosen.keys);
  const merged = item.walk(
    findItem(target, narrowed),
    patch === undefined ? undefined : findItem(patch, narrowed),
    item.schema,
    item.context,
  );
  const value = merged === keptNull ? null : merged;
  if (isMissing(value) || isEmptyMap(value)) {
    if (chosen.keys.length > 0) setItem(target, undefined, chosen);
    return;
  }
  if (isObject(value)) {
    chosen.keys.forEach((key, index) => {
      const text = chosen.values[index] ?? '';
      if (text !== '' && fieldOf(value, key) === undefined) setField(value, key, plainScalar(text));
    });
  }
  setItem(item.added, value, chosen);
}

function isEmptyMap(value: JsonValue): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

function isEmptyNode(value: JsonValue | undefined): boolean {
  return isMissing(value) || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
}

function keyValues(lists: readonly JsonValue[][], keys: readonly string[]): string[][] {
  const result: string[][] = [];
  const seen = new Set<string>();
  for (const list of lists) {
    for (const item of list) {
      if (!isObject(item) && !isMissing(item)) throw wrongKind('MappingNode', item);
      const values = keys.map((key) => {
        const value = isObject(item) ? fieldOf(item, key) : undefined;
        return isEmptyNode(value) ? '' : scalarText(value);
      });
      const id = JSON.stringify(values);
      if (seen.has(id)) continue;
      seen.add(id);
      result.push(values);
    }
  }
  return result;
}

function scalarValues(lists: readonly JsonValue[][]): string[][] {
  const seen = new Set<string>();
  for (const list of lists) for (const item of list) seen.add(scalarText(item));
  return [...seen].map((text) => [text]);
}

/** Value lists that agree where both are set stand for the same item: the gaps of each are filled from the other. */
function unifyValues(input: readonly string[][]): string[][] {
  const values = [...input];
  for (let i = 0; i < values.length; i++) {
    for (let j = 0; j < values.length; j++) {
      const joined = joinValues(values[i] ?? [], values[j] ?? []);
      if (joined === undefined) continue;
      values[i] = joined;
      values[j] = joined;
    }
  }
  return values;
}

function joinValues(a: readonly string[], b: readonly string[]): string[] | undefined {
  let common = false;
  const result: string[] = [];
  for (let index = 0; index < a.length; index++) {
    const left = a[index] ?? '';
    const right = b[index] ?? '';
    if (left === right) common = true;
    else if (left !== '' && right !== '') return undefined;
    result.push(left !== '' ? left : right);
  }
  return common ? result : undefined;
}

/** Only keys that some item sets take part; with none set, all keys do. */
function validKeys(all: readonly (readonly string[])[], values: readonly string[], keys: readonly string[]): Chosen {
  const used = new Set<string>();
  for (const list of all) {
    list.forEach((value, index) => {
      if (value !== '') used.add(keys[index] ?? '');
    });
  }
  if (used.size === 0) return { keys, values };
  return {
    keys: keys.filter((key) => used.has(key)),
    values: values.filter((value, index) => value !== '' || used.has(keys[index] ?? '')),
  };
}

function findItem(list: readonly JsonValue[], { keys, values }: Chosen): JsonValue | undefined {
  if (keys.length === 0 || keys[0] === '') return list.find((item) => scalarText(item) === (values[0] ?? ''));
  return list.find((item) => {
    if (!isObject(item)) return false;
    return keys.every((key, index) => hasText(item, key, values[index] ?? ''));
  });
}

function hasText(item: JsonObject, key: string, text: string): boolean {
  const value = fieldOf(item, key);
  return value !== undefined && scalarText(value) === text;
}

/** Replaces the items that carry these key values by `element`, appends it when there is none, removes them when undefined. */
function setItem(list: JsonValue[], element: JsonValue | undefined, { keys, values }: Chosen): void {
  const forMaps = keys[0] !== '' && keys.length > 0 && values.length > 0 && values[0] !== '';
  const kept: JsonValue[] = [];
  let found = false;
  for (const item of list) {
    if (isMissing(item) || isEmptyMap(item)) continue;
    if (!isObject(item) && forMaps) {
      kept.push(item);
      continue;
    }
    if (!matchesItem(item, keys, values)) {
      if (values.length > 0) kept.push(item);
      continue;
    }
    found = true;
    if (element !== undefined) kept.push(element);
  }
  if (element !== undefined && element !== null && !found) kept.push(element);
  list.splice(0, list.length, ...kept);
}

/** ElementSetter's match: an empty value matches any item that has the field; keys beyond the values repeat the last result. */
function matchesItem(item: JsonValue, keys: readonly string[], values: readonly string[]): boolean {
  if (keys.length === 0 || keys[0] === '') return scalarText(item) === (values[0] ?? '');
  if (!isObject(item) || values.length === 0) return false;
  return keys.every((key, index) => {
    const wanted = values[index];
    if (wanted === undefined) return true;
    return wanted === '' ? fieldOf(item, key) !== undefined : hasText(item, key, wanted);
  });
}

function appendList(result: JsonValue[], source: readonly JsonValue[], keys: readonly string[]): JsonValue[] {
  for (const element of [...source]) {
    if (keys[0] === '') {
      setItem(result, element, { keys, values: [scalarText(element)] });
      continue;
    }
    const values: string[] = [];
    for (const key of keys) {
      const value = isObject(element) ? fieldOf(element, key) : undefined;
      if (value === undefined) result.push(element);
      else values.push(scalarText(value));
    }
    if (keys.length > 1) setItem(result, undefined, { keys, values });
    setItem(result, element, { keys, values });
  }
  return result;
}
