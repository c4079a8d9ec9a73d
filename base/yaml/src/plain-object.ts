/** What a document becomes: objects whose own properties are its keys, whatever they are called. */
export type PlainObject = Record<string, unknown>;

/** Sets an own property even where the name is `__proto__`, which an assignment would take for the prototype. */
export function setOwn(object: PlainObject, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  } else {
    object[key] = value;
  }
}

/** Sets an own property whose value is made when it is first asked for; it can be set and listed as any other. */
export function setLazy(object: PlainObject, key: string, make: () => unknown): void {
  const set = (value: unknown) =>
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  const get = () => {
    const value = make();
    set(value);
    return value;
  };
  Object.defineProperty(object, key, { get, set, enumerable: true, configurable: true });
}

/** A deep copy, so that two aliases of one anchor can be changed apart from each other. */
export function copyPlain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyPlain);
  const copy: PlainObject = {};
  for (const [key, item] of Object.entries(value)) setOwn(copy, key, copyPlain(item));
  return copy;
}
