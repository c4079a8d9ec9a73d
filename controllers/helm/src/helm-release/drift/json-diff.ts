import { deepEqual, isJsonObject } from '@flux/apimachinery';

export interface PatchOperation {
  op: 'add' | 'remove' | 'replace';
  path: string;
  value?: unknown;
}

/** The operations that turn `before` into `after`: maps by key, lists by position. */
export function jsonDiff(before: unknown, after: unknown, path = ''): PatchOperation[] {
  if (deepEqual(before, after)) return [];
  if (isJsonObject(before) && isJsonObject(after)) return diffMaps(before, after, path);
  if (Array.isArray(before) && Array.isArray(after)) return diffLists(before, after, path);
  return [{ op: 'replace', path, value: after }];
}

function diffMaps(before: Record<string, unknown>, after: Record<string, unknown>, path: string): PatchOperation[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key): PatchOperation[] => {
    const at = `${path}/${escapeToken(key)}`;
    if (!Object.hasOwn(after, key)) return [{ op: 'remove', path: at }];
    if (!Object.hasOwn(before, key)) return [{ op: 'add', path: at, value: after[key] }];
    return jsonDiff(before[key], after[key], at);
  });
}

function diffLists(before: readonly unknown[], after: readonly unknown[], path: string): PatchOperation[] {
  const shared = Math.min(before.length, after.length);
  const changed = after.slice(0, shared).flatMap((item, index) => jsonDiff(before[index], item, `${path}/${index}`));
  const added = after.slice(shared).map((value): PatchOperation => ({ op: 'add', path: `${path}/-`, value }));
  const removed = before
    .slice(shared)
    .map((_, index): PatchOperation => ({ op: 'remove', path: `${path}/${before.length - 1 - index}` }));
  return [...changed, ...added, ...removed];
}

function escapeToken(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
