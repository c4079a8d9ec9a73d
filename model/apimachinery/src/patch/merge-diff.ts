import { deepEqual, getMember, isJsonObject, setMember } from '../deep.ts';

type JsonRecord = Record<string, unknown>;

/** The JSON merge patch (RFC 7386) that turns `from` into `to`; undefined when they are equal. Lists are replaced as a whole. */
export function mergeDiff(from: unknown, to: unknown): JsonRecord | undefined {
  if (!isJsonObject(from)) return isJsonObject(to) ? to : undefined;
  const target = isJsonObject(to) ? to : {};
  const patch: JsonRecord = {};
  for (const key of new Set([...Object.keys(from), ...Object.keys(target)])) {
    const before = getMember(from, key);
    const after = getMember(target, key);
    if (after === undefined) {
      if (before !== undefined) setMember(patch, key, null);
    } else if (isJsonObject(before) && isJsonObject(after)) {
      const nested = mergeDiff(before, after);
      if (nested) setMember(patch, key, nested);
    } else if (!deepEqual(before, after)) setMember(patch, key, after);
  }
  return Object.keys(patch).length > 0 ? patch : undefined;
}
