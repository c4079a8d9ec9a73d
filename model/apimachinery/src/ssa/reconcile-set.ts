import type { Atom } from './atom.ts';
import { type FieldPath, FieldSet } from './field-set.ts';
import type { PathElement } from './path-element.ts';
import { formOf } from './typed.ts';

/** Follows a type that became atomic since the set was recorded: its owner now owns the whole and nothing below. */
export function reconcileSet(set: FieldSet, atom: Atom): FieldSet {
  const atomics: FieldPath[] = [];
  visit(set, atom, [], false, atomics);
  if (atomics.length === 0) return set;
  const roots = FieldSet.of(...atomics);
  return set.recursiveDifference(roots).union(roots);
}

function visit(set: FieldSet | undefined, atom: Atom, path: FieldPath, isLeaf: boolean, atomics: FieldPath[]): void {
  const { map, list } = atom;
  if (formOf(atom) === 'scalar' || map?.isDeduced) return;
  if (!isLeaf && (map ?? list)?.isAtomic) {
    if (map === undefined || !(set?.isEmpty ?? true)) atomics.push(path);
  } else if (map !== undefined) {
    const named = (element: PathElement) => (element.startsWith('f:') ? map.field(element.slice(2)) : undefined);
    descend(set, path, atomics, (element) => named(element) ?? map.element);
  } else if (list !== undefined) {
    descend(set, path, atomics, () => list.element);
  }
}

function descend(
  set: FieldSet | undefined,
  path: FieldPath,
  atomics: FieldPath[],
  atomFor: (element: PathElement) => Atom | undefined,
): void {
  if (set === undefined) return;
  const elements = new Set([...set.members, ...[...set.children].map(([element]) => element)]);
  for (const element of elements) {
    const atom = atomFor(element);
    const below = set.child(element);
    if (atom !== undefined)
      visit(below, atom, [...path, element], set.hasMember(element) && below === undefined, atomics);
  }
}
