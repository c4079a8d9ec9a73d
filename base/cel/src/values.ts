/** JSON as CEL sees it: whole numbers are int (bigint), others double. Objects and arrays are copied, once. */
export function toCelValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toCelValue);
  if (value === null || typeof value !== 'object') return value;
  // A null prototype: `self.constructor` has to be a missing key, not a function.
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, member] of Object.entries(value)) copy[key] = toCelValue(member);
  return copy;
}

/** The result as JSON: int becomes number where that is exact. */
export function fromCelValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(fromCelValue);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, member]) => [key, fromCelValue(member)]));
  return value;
}
