import { formatYaml } from '@flux/yaml';
import { stringifyJson } from '../storage/json.ts';
import type { MediaType } from './messages.ts';

/** The bytes of an answer; JSON ends with a line feed as Go's encoder does. */
export function encodeBody(value: unknown, mediaType: MediaType, pretty: boolean): string {
  if (mediaType === 'application/yaml') return formatYaml(value);
  return pretty ? `${JSON.stringify(value, null, 2)}` : `${stringifyJson(value)}\n`;
}
