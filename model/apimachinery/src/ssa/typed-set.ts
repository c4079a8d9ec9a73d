import type { Atom, ListAtom, MapAtom } from './atom.ts';
import { type FieldPath, FieldSet } from './field-set.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { deduceAtom, formOf, isMap, itemElement, type Value } from './typed.ts';

/** The fields that a value states: what an apply with this value owns. */
export function typedSet(value: Value, atom: Atom): FieldSet {
  const set = new FieldSet();
  collect(value, atom, [], set);
  return set;
}

function collect(value: Value, open: Atom, path: FieldPath, set: FieldSet): void {
  const atom = deduceAtom(open, value);
  const form = formOf(atom);
  if (form === 'scalar') set.insert(path);
  else if (form === 'map') collectMap(value, atom.map!, path, set);
  else collectList(value, atom.list!, path, set);
}

function collectMap(value: Value, map: MapAtom, path: FieldPath, set: FieldSet): void {
  if (map.isAtomic) set.insert(path);
  if (map.isAtomic || !isMap(value)) return;
  for (const [key, member] of Object.entries(value)) {
    const memberPath = [...path, fieldElement(key)];
    const declared = map.field(key);
    const atom = declared ?? map.element;
    if (atom !== undefined) collect(member, atom, memberPath, set);
    const isHollow = member === null || (isMap(member) && Object.keys(member).length === 0);
    if (isHollow || declared === undefined) set.insert(memberPath);
  }
}

/** Items that share an element are owned as one, without what they hold. */
function collectList(value: Value, list: ListAtom, path: FieldPath, set: FieldSet): void {
  if (list.isAtomic) set.insert(path);
  if (list.isAtomic || !Array.isArray(value)) return;
  const elements = value.map((item) => itemElement(list, item));
  const counts = new Map<PathElement, number>();
  for (const element of elements) {
    if (typeof element === 'string') counts.set(element, (counts.get(element) ?? 0) + 1);
  }
  value.forEach((item, index) => {
    const element = elements[index]!;
    if (typeof element !== 'string') return;
    const itemPath = [...path, element];
    if (counts.get(element) === 1) collect(item, list.element, itemPath, set);
    set.insert(itemPath);
  });
}
