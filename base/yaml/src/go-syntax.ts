import { compareNatural, formatFloat } from '@flux/gotypes';

import type { YamlMode } from './cursor.ts';

/** A value as Go's `%#v` prints what go-yaml decoded: part of the message about unusable map keys. */
export function formatGoSyntax(value: unknown, mode: YamlMode): string {
  return value === null ? '<nil>' : format(value, mode === 'sigs' ? 'interface {}' : 'string');
}

function format(value: unknown, keyType: string): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number')
    return Number.isInteger(value) ? String(value) : formatFloat(value, { exponentFrom: 21 });
  if (Array.isArray(value)) return `[]interface {}{${value.map((item) => format(item, keyType)).join(', ')}}`;
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value).sort(([left], [right]) => compareNatural(left, right));
  const items = entries.map(([key, item]) => `${JSON.stringify(key)}:${format(item, keyType)}`);
  return `map[${keyType}]interface {}{${items.join(', ')}}`;
}
