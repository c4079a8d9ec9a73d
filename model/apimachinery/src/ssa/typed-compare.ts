import { deepEqual, getMember } from '../deep.ts';
import type { JsonValue } from '../object.ts';
import type { Atom, ListAtom, MapAtom } from './atom.ts';
import { type FieldPath, FieldSet } from './field-set.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { deduceAtom, formOf, isMap, itemElement, type Value } from './typed.ts';

export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** Which fields `right` adds to, changes in and takes from `left`. */
export function compareTyped(left: Value, right: Value, atom: Atom): Comparison {
  const result = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() };
  new Comparer(result).compare(left, right, atom, []);
  return result;
}

class Comparer {
  readonly #result: Comparison;

  constructor(result: Comparison) {
    this.#result = result;
  }

  compare(left: Value, right: Value, open: Atom, path: FieldPath): void {
    const leftAtom = deduceAtom(open, left);
    const rightAtom = deduceAtom(open, right);
    if (right === undefined) this.#handle(left, right, leftAtom, path);
    else if (left === undefined || sameForm(leftAtom, rightAtom)) this.#handle(left, right, rightAtom, path);
    else {
      // The value changed its form: what the old form held goes, what the new form holds comes.
      this.#handle(left, right, leftAtom, path);
      this.#handle(left, right, rightAtom, path);
    }
  }

  #handle(left: Value, right: Value, atom: Atom, path: FieldPath): void {
    const form = formOf(atom);
    const descended =
      (form === 'map' && this.#map(left, right, atom.map!, path)) ||
      (form === 'list' && this.#list(left, right, atom.list!, path));
    if (left === undefined) this.#result.added.insert(path);
    else if (right === undefined) this.#result.removed.insert(path);
    else if (!descended && !deepEqual(left, right)) this.#result.modified.insert(path);
  }

  /** False when the maps count as one leaf: atomic, or nothing in either. */
  #map(left: Value, right: Value, map: MapAtom, path: FieldPath): boolean {
    const before = isMap(left) ? left : {};
    const after = isMap(right) ? right : {};
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    if (map.isAtomic || keys.size === 0) return false;
    for (const key of keys) {
      const atom = map.field(key) ?? map.element;
      if (atom === undefined) continue;
      this.compare(getMember(before, key), getMember(after, key), atom, [...path, fieldElement(key)]);
    }
    return true;
  }

  #list(left: Value, right: Value, list: ListAtom, path: FieldPath): boolean {
    const before = Array.isArray(left) ? left : [];
    const after = Array.isArray(right) ? right : [];
    if (list.isAtomic || (before.length === 0 && after.length === 0)) return false;
    const leftItems = groupItems(list, before);
    const rightItems = groupItems(list, after);
    for (const element of new Set([...leftItems.keys(), ...rightItems.keys()])) {
      this.#items(leftItems.get(element) ?? [], rightItems.get(element) ?? [], list, [...path, element]);
    }
    return true;
  }

  /** Duplicates are one leaf of their own; see visitListItems in structured-merge-diff's compare.go. */
  #items(left: readonly JsonValue[], right: readonly JsonValue[], list: ListAtom, path: FieldPath): void {
    if (left.length <= 1 && right.length <= 1) this.compare(left[0], right[0], list.element, path);
    else if (left.length >= 2 && right.length >= 2) {
      if (!deepEqual(left, right)) this.#result.modified.insert(path);
    } else if (left.length >= 2) {
      if (right.length > 0) this.compare(undefined, right[0], list.element, path);
      this.#result.removed.insert(path);
    } else {
      if (left.length > 0) this.compare(left[0], undefined, list.element, path);
      this.#result.added.insert(path);
    }
  }
}

function groupItems(list: ListAtom, items: readonly JsonValue[]): Map<PathElement, JsonValue[]> {
  const groups = new Map<PathElement, JsonValue[]>();
  for (const item of items) {
    const element = itemElement(list, item);
    if (typeof element !== 'string') continue;
    const group = groups.get(element);
    if (group === undefined) groups.set(element, [item]);
    else group.push(item);
  }
  return groups;
}

/** Whether both sides narrowed to the same form. */
export function sameForm(a: Atom, b: Atom): boolean {
  return a.scalar === b.scalar && a.list === b.list && a.map === b.map;
}
