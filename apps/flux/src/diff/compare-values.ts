import { isDeepStrictEqual } from 'node:util';

/** One place in which two documents differ, in the terms of dyff. */
export type Difference =
  | { path: readonly string[]; type: 'changed'; before: unknown; after: unknown }
  | { path: readonly string[]; type: 'entries'; of: 'map' | 'list'; removed: unknown; added: unknown }
  | { path: readonly string[]; type: 'reordered'; before: readonly string[]; after: readonly string[] };

type Plain = Record<string, unknown>;

/** Differences from `before` to `after`; list entries are matched by name where they have names. */
export function compareValues(before: unknown, after: unknown, path: readonly string[] = []): Difference[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isMap(before) && isMap(after)) return compareMaps(before, after, path);
  if (Array.isArray(before) && Array.isArray(after)) return compareLists(before, after, path);
  return [{ path, type: 'changed', before, after }];
}

function compareMaps(before: Plain, after: Plain, path: readonly string[]): Difference[] {
  const removed = pick(before, (key) => !Object.hasOwn(after, key));
  const added = pick(after, (key) => !Object.hasOwn(before, key));
  const nested = Object.keys(before)
    .filter((key) => Object.hasOwn(after, key))
    .flatMap((key) => compareValues(before[key], after[key], [...path, key]));
  if (isEmpty(removed) && isEmpty(added)) return nested;
  return [{ path, type: 'entries', of: 'map', removed, added }, ...nested];
}

function compareLists(before: readonly unknown[], after: readonly unknown[], path: readonly string[]): Difference[] {
  const identifier = identifierOf([...before, ...after]);
  return identifier
    ? compareNamed(before as Plain[], after as Plain[], identifier, path)
    : compareSimple(before, after, path);
}

function compareNamed(
  before: readonly Plain[],
  after: readonly Plain[],
  key: string,
  path: readonly string[],
): Difference[] {
  const names = (list: readonly Plain[]) => list.map((entry) => String(entry[key]));
  const [old, fresh] = [new Set(names(before)), new Set(names(after))];
  const removed = before.filter((entry) => !fresh.has(String(entry[key])));
  const added = after.filter((entry) => !old.has(String(entry[key])));
  const kept = before.filter((entry) => fresh.has(String(entry[key])));
  const nested = kept.flatMap((entry) => {
    const name = String(entry[key]);
    return compareValues(
      entry,
      after.find((other) => String(other[key]) === name),
      [...path, name],
    );
  });
  const order = reordered(
    names(kept),
    names(after).filter((name) => old.has(name)),
    path,
  );
  const entries: Difference[] =
    removed.length + added.length > 0 ? [{ path, type: 'entries', of: 'list', removed, added }] : [];
  return [...order, ...entries, ...nested];
}

function reordered(before: readonly string[], after: readonly string[], path: readonly string[]): Difference[] {
  return isDeepStrictEqual(before, after) ? [] : [{ path, type: 'reordered', before, after }];
}

function compareSimple(before: readonly unknown[], after: readonly unknown[], path: readonly string[]): Difference[] {
  if (before.length === 1 && after.length === 1) return compareValues(before[0], after[0], [...path, '0']);
  const isIn = (list: readonly unknown[]) => (entry: unknown) => list.some((other) => isDeepStrictEqual(entry, other));
  const removed = before.filter((entry) => !isIn(after)(entry));
  const added = after.filter((entry) => !isIn(before)(entry));
  if (removed.length + added.length > 0) return [{ path, type: 'entries', of: 'list', removed, added }];
  return reordered(before.map(String), after.map(String), path);
}

/** The field that names every entry of a list. */
function identifierOf(entries: readonly unknown[]): string | undefined {
  return ['name', 'key', 'id'].find((key) =>
    entries.every((entry) => isMap(entry) && (typeof entry[key] === 'string' || typeof entry[key] === 'number')),
  );
}

function pick(map: Plain, keeps: (key: string) => boolean): Plain {
  return Object.fromEntries(Object.entries(map).filter(([key]) => keeps(key)));
}

function isEmpty(map: Plain): boolean {
  return Object.keys(map).length === 0;
}

function isMap(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
