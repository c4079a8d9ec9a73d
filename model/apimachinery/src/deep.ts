/**
 * Equality of JSON values: objects regardless of key order, numbers by value (a bigint equals the same number), an absent
 * member equals one that is undefined.
 */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return equalScalars(a, b);
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b);
  if (Array.isArray(b)) return false;
  return equalObjects(a as Record<string, unknown>, b as Record<string, unknown>);
}

function equalScalars(a: unknown, b: unknown): boolean {
  if (typeof a === 'bigint' || typeof b === 'bigint') {
    // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number of the same value are the same JSON number
    return (typeof a === 'number' || typeof b === 'number') && a == b;
  }
  return Number.isNaN(a) && Number.isNaN(b);
}

function equalLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => deepEqual(item, b[index]));
}

function equalObjects(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  let size = 0;
  for (const key of Object.keys(a)) {
    if (a[key] === undefined) continue;
    size++;
    if (!Object.hasOwn(b, key) || !deepEqual(a[key], b[key])) return false;
  }
  for (const key of Object.keys(b)) if (b[key] !== undefined) size--;
  return size === 0;
}

/** A copy that shares nothing with the original; much faster than structuredClone for JSON. `__proto__` stays a plain key. */
export function deepCopy<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(deepCopy) as T;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) setMember(copy, key, deepCopy((value as Record<string, unknown>)[key]));
  return copy as T;
}

/** Sets an own member even when the key is `__proto__`, which plain assignment would take for the prototype. */
export function setMember<T>(object: Record<string, T>, key: string, value: NoInfer<T>): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}

/** An own member, never one of Object.prototype. */
export function getMember<T>(object: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** True for a JSON object: neither null nor a list. */
export function isJsonObject<T>(value: T): value is T & Record<string, Extract<T, object> | unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
