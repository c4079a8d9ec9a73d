import { setMember } from '../deep.ts';
import type { JsonObject, JsonValue } from '../object.ts';
import type { Atom, ListAtom, MapAtom } from './atom.ts';
import type { FieldSet } from './field-set.ts';
import { fieldElement } from './path-element.ts';
import { deduceAtom, formOf, isMap, itemElement, type Value } from './typed.ts';

/** The value without the members of `remove`; what becomes empty on the way goes too. */
export function removeItems(value: Value, remove: FieldSet, open: Atom): Value {
  if (value === undefined) return undefined;
  const atom = deduceAtom(open, value);
  switch (formOf(atom)) {
    case 'scalar':
      return value;
    case 'map':
      return removeMembers(value, remove, atom.map!);
    case 'list':
      return removeFromList(value, remove, atom.list!);
  }
}

function removeMembers(value: JsonValue, remove: FieldSet, map: MapAtom): Value {
  if (!isMap(value) || map.isAtomic) return undefined;
  const result: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    const element = fieldElement(key);
    if (remove.hasMember(element)) continue;
    const below = remove.child(element);
    const atom = map.field(key) ?? map.element;
    const kept = below === undefined || below.isEmpty || atom === undefined ? member : removeItems(member, below, atom);
    setMember(result, key, kept ?? null);
  }
  return Object.keys(result).length > 0 ? result : undefined;
}

function removeFromList(value: JsonValue, remove: FieldSet, list: ListAtom): Value {
  if (!Array.isArray(value) || list.isAtomic) return undefined;
  const result: JsonValue[] = [];
  for (const item of value) {
    const element = itemElement(list, item);
    if (typeof element !== 'string') {
      result.push(item);
      continue;
    }
    if (remove.hasMember(element)) continue;
    const below = remove.child(element);
    result.push(below === undefined || below.isEmpty ? item : (removeItems(item, below, list.element) ?? null));
  }
  return result.length > 0 ? result : undefined;
}
