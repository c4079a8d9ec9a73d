import { setMember } from '@flux/apimachinery';

/** Freezes a JSON value and everything in it; parts that are frozen already are not visited again. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const item of Object.values(value)) deepFreeze(item);
  return value;
}

/** A deep, unfrozen copy of a JSON value; members that are undefined are left out. */
export function copyJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyJson) as T;
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) setMember(copy, key, copyJson(item));
  }
  return copy as T;
}
