import type { JsonValue } from '@flux/apimachinery';
import { readManifest } from './read-yaml.ts';

const mayBeTyped = /^[-+.~0-9]|^(?:true|True|TRUE|false|False|FALSE|null|Null|NULL)$/;
const plainText = /^[-+.~0-9A-Za-z_:TZ ]*$/;

/**
 * The value of an unquoted YAML scalar. kustomize sets some fields without a tag, so a text such as `8080` that it copies
 * there comes out as a number.
 */
export function plainScalar(text: string): JsonValue {
  if (text === '') return null;
  if (!mayBeTyped.test(text) || !plainText.test(text)) return text;
  const value = readManifest(text);
  return typeof value === 'object' && value !== null ? text : value;
}

/**
 * A changed text takes the place of `previous` without a tag but in its style: what was a string stays one (its quotes
 * remain), what was a number may become anything the new text means.
 */
export function restyled(previous: JsonValue | undefined, text: string): JsonValue {
  return typeof previous === 'string' ? text : plainScalar(text);
}
