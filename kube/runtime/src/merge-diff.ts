type JsonRecord = Record<string, unknown>;

/** The JSON merge patch that turns `from` into `to`; undefined when they are equal. Lists are replaced as a whole. */
export function mergeDiff(from: unknown, to: unknown): JsonRecord | undefined {
  if (!isRecord(from)) return isRecord(to) ? to : undefined;
  const target = isRecord(to) ? to : {};
  const patch: JsonRecord = {};
  for (const key of new Set([...Object.keys(from), ...Object.keys(target)])) {
    const before = from[key];
    const after = target[key];
    if (after === undefined) {
      if (before !== undefined) patch[key] = null;
    } else if (isRecord(before) && isRecord(after)) {
      const nested = mergeDiff(before, after);
      if (nested) patch[key] = nested;
    } else if (!isEqualJson(before, after)) patch[key] = after;
  }
  return Object.keys(patch).length > 0 ? patch : undefined;
}

/** Deep equality of JSON values; a member that is undefined counts as absent. */
export function isEqualJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => isEqualJson(item, b[index]));
  }
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const key of keys) if (!isEqualJson(a[key], b[key])) return false;
  return true;
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
