import type { JsonValue } from '@flux/apimachinery';
import { formatJson } from '@flux/yaml';

/** JSON as Go writes it: keys sorted, HTML characters and line separators escaped. */
export function goJson(value: JsonValue, indent = ''): string {
  return formatJson(value, { indent, sortKeys: true, escapeHtml: true });
}
