import type { JsonValue } from '@flux/apimachinery';

/** JSON as Go writes it: keys sorted, HTML characters and line separators escaped. */
export function goJson(value: JsonValue, indent = ''): string {
  const text = JSON.stringify(sortKeys(value), undefined, indent);
  return text.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortKeys(value[key] ?? null)]),
  );
}
