import { setMember } from '@flux/apimachinery';
import { parseJson } from './json.ts';

/** Freezes a JSON value and everything in it; parts that are frozen already are not visited again. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) freezeObject(value);
  return value;
}

/** Parses and freezes. Looking for large integers on the way costs nothing; looking for them in the text does. */
export function parseFrozen(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return parseJson(text);
  return freezeObject(value) ? deepFreeze(parseJson(text)) : value;
}

/** Answers whether an integer was seen that a number may not hold exactly. */
function freezeObject(value: object): boolean {
  if (Object.isFrozen(value)) return false;
  Object.freeze(value);
  let isInexact = false;
  // Half the time of `Object.values`, which matters for the 50,000 objects of a start.
  for (const key in value) {
    const item: unknown = Reflect.get(value, key);
    if (typeof item === 'object' && item !== null) isInexact = freezeObject(item) || isInexact;
    else if (typeof item === 'number' && Math.abs(item) > Number.MAX_SAFE_INTEGER) isInexact = true;
  }
  return isInexact;
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
