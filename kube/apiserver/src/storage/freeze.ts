import { setMember } from '@flux/apimachinery';

/** Freezes a JSON value and everything in it; parts that are frozen already are not visited again. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) freezeObject(value);
  return value;
}

function freezeObject(value: object): void {
  if (Object.isFrozen(value)) return;
  Object.freeze(value);
  // Half the time of `Object.values`, which matters for the 50,000 objects of a start.
  for (const key in value) {
    const item: unknown = Reflect.get(value, key);
    if (typeof item === 'object' && item !== null) freezeObject(item);
  }
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
