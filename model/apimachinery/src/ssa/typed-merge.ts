import { getMember, setMember } from '../deep.ts';
import type { JsonObject, JsonValue } from '../object.ts';
import type { Atom, ListAtom, MapAtom } from './atom.ts';
import { fieldElement, formatElement, type PathElement } from './path-element.ts';
import { deduceAtom, formatTypedErrors, formOf, isMap, itemElement, type TypedError, type Value } from './typed.ts';
import { sameForm } from './typed-compare.ts';
import { scalarProblem } from './typed-validate.ts';

/** The applied value laid over the live one. Throws a `MergeProblem` when the two cannot be merged. */
export function mergeTyped(live: Value, applied: Value, atom: Atom): Value {
  const errors: TypedError[] = [];
  const merged = new Merger(errors).merge(live, applied, atom, '');
  if (errors.length > 0) throw new MergeProblem(formatTypedErrors(errors));
  return merged;
}

export class MergeProblem extends Error {}

class Merger {
  readonly #errors: TypedError[];

  constructor(errors: TypedError[]) {
    this.#errors = errors;
  }

  merge(left: Value, right: Value, open: Atom, path: string): Value {
    const leftAtom = deduceAtom(open, left);
    const rightAtom = deduceAtom(open, right);
    if (right === undefined) return this.#handle(left, right, leftAtom, path);
    if (left !== undefined && !sameForm(leftAtom, rightAtom)) this.#handle(left, right, leftAtom, path);
    return this.#handle(left, right, rightAtom, path);
  }

  #handle(left: Value, right: Value, atom: Atom, path: string): Value {
    switch (formOf(atom)) {
      case 'scalar':
        this.#checkScalars(left, right, atom.scalar!, path);
        return right ?? (right === null ? null : left);
      case 'map':
        return this.#map(left, right, atom.map!, path);
      case 'list':
        return this.#list(left, right, atom.list!, path);
    }
  }

  #checkScalars(left: Value, right: Value, type: NonNullable<Atom['scalar']>, path: string): void {
    const [leftProblem, rightProblem] = [scalarProblem(left, type), scalarProblem(right, type)];
    if (leftProblem === undefined || rightProblem === undefined) return;
    this.#errors.push({ path, message: `lhs: ${leftProblem}` }, { path, message: `rhs: ${rightProblem}` });
  }

  #map(left: Value, right: Value, map: MapAtom, path: string): Value {
    const before = isMap(left) ? left : {};
    const after = isMap(right) ? right : {};
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    if (map.isAtomic || keys.size === 0) return right === undefined ? left : right;
    const result: JsonObject = {};
    for (const key of keys) {
      const atom = map.field(key) ?? map.element;
      if (atom === undefined) continue;
      const memberPath = path + formatElement(fieldElement(key));
      const merged = this.merge(getMember(before, key), getMember(after, key), atom, memberPath);
      if (merged !== undefined) setMember(result, key, merged);
    }
    return Object.keys(result).length > 0 ? result : undefined;
  }

  #list(left: Value, right: Value, list: ListAtom, path: string): Value {
    const before = Array.isArray(left) ? left : [];
    const after = Array.isArray(right) ? right : [];
    if (list.isAtomic || (before.length === 0 && after.length === 0)) return right === undefined ? left : right;
    const applied = this.#index(list, after, path, false);
    const live = this.#index(list, before, path, true);
    const merge = (element: PathElement, item: Value) =>
      this.merge(item, applied.items.get(element), list.element, path + formatElement(element));
    const result = interleave(live, applied, before, merge);
    return result.length > 0 ? result : undefined;
  }

  #index(list: ListAtom, values: readonly JsonValue[], path: string, allowDuplicates: boolean): IndexedList {
    const elements: PathElement[] = [];
    const items = new Map<PathElement, Value>();
    for (const [index, value] of values.entries()) {
      const element = itemElement(list, value);
      if (typeof element !== 'string') {
        this.#errors.push({ path, message: `element ${index}: ${element.problem}` });
        continue;
      }
      if (items.has(element) && !allowDuplicates) {
        this.#errors.push({ path, message: `duplicate entries for key ${formatElement(element)}` });
        continue;
      }
      // A duplicated item is not merged with the applied one.
      items.set(element, items.has(element) ? null : value);
      elements.push(element);
    }
    return { elements, items };
  }
}

interface IndexedList {
  readonly elements: readonly PathElement[];
  readonly items: ReadonlyMap<PathElement, Value>;
}

/**
 * The order of a merged list (KUBE-SSA-08): items that only the live list has keep their place before the shared item that
 * followed them; shared and new items come in the applied order. Follows visitListItems of structured-merge-diff's merge.go.
 */
function interleave(
  live: IndexedList,
  applied: IndexedList,
  liveItems: readonly JsonValue[],
  merge: (element: PathElement, item: Value) => Value,
): JsonValue[] {
  const result: JsonValue[] = [];
  const push = (value: Value) => {
    if (value !== undefined) result.push(value);
  };
  const shared = applied.elements.filter((element) => live.items.has(element));
  const merged = new Set<PathElement>();
  let nextShared = shared.shift();
  let [left, right] = [0, 0];
  while (left < live.elements.length || right < applied.elements.length) {
    const own = live.elements[left];
    const theirs = applied.elements[right];
    if (own !== undefined && theirs !== undefined) {
      if (own === theirs) {
        merged.add(own);
        push(merge(own, live.items.get(own)));
        left++;
        right++;
        nextShared = shared.shift();
        continue;
      }
      if (applied.items.has(own) && nextShared !== undefined && nextShared !== own) {
        left++;
        continue;
      }
    }
    if (own !== undefined) {
      if (!applied.items.has(own)) {
        push(merge(own, liveItems[left]));
        left++;
        continue;
      }
      if (merged.has(own)) left++;
    }
    if (theirs !== undefined) {
      merged.add(theirs);
      push(merge(theirs, live.items.get(theirs)));
      right++;
      if (nextShared === theirs) nextShared = shared.shift();
    }
  }
  return result;
}
