import { GoInt, GoStruct, isGoMap, typeNameOf, Walk } from '@flux/gotemplate';

/** Go's reflect.DeepEqual: types must be the same, too. */
export function deepEqual(left: unknown, right: unknown): boolean {
  return equalParts(left, right, new Walk('compared'), 0);
}

function equalParts(left: unknown, right: unknown, walk: Walk, depth: number): boolean {
  walk.visit(depth);
  const [a, b] = [left ?? undefined, right ?? undefined];
  if (a === b) return !Number.isNaN(a);
  if (a === undefined || b === undefined || typeNameOf(a) !== typeNameOf(b)) return false;
  if (a instanceof GoInt && b instanceof GoInt) return a.value === b.value;
  if (a instanceof GoStruct && b instanceof GoStruct) return a.text !== undefined && a.text() === b.text?.();
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.from(a).equals(b);
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => equalParts(item, b[index], walk, depth + 1));
  if (!isGoMap(a) || !isGoMap(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equalParts(a[key], b[key], walk, depth + 1))
  );
}
