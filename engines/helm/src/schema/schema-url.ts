import { SchemaError } from './schema-error.ts';

/** A place in a document: its URL and a JSON pointer. */
export interface Location {
  url: string;
  pointer: string;
}

export function splitFragment(text: string): { url: string; fragment: string } {
  const hash = text.indexOf('#');
  if (hash < 0) return { url: text, fragment: '' };
  try {
    return { url: text.slice(0, hash), fragment: decodeURIComponent(text.slice(hash + 1)) };
  } catch (error) {
    throw new SchemaError(`error in parsing ${JSON.stringify(text)}: invalid URL escape`, { cause: error });
  }
}

/** Resolves a reference without a fragment against a base. */
export function joinUrl(base: string, reference: string): string {
  if (reference === '') return base;
  try {
    return new URL(reference, base).href;
  } catch (error) {
    throw new SchemaError(`error in parsing ${JSON.stringify(reference)}: invalid URL`, { cause: error });
  }
}

export function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}

export function appendPointer(pointer: string, ...tokens: readonly (string | number)[]): string {
  return pointer + tokens.map((token) => `/${escapeToken(String(token))}`).join('');
}

/** The location as text, escaped as a fragment is. */
export function formatLocation({ url, pointer }: Location): string {
  return `${url}#${pointer.split('/').map(encodeToken).join('/')}`;
}

/** Go's url.PathEscape leaves some characters as they are. */
function encodeToken(token: string): string {
  return encodeURIComponent(token.toWellFormed()).replace(/%(?:24|26|2B|3A|3D|40)/g, decodeURIComponent);
}

/** The value that a location leads to in its document. */
export function lookUp(document: unknown, location: Location): unknown {
  let value = document;
  for (const part of location.pointer.split('/').slice(1)) {
    if (/~(?![01])/.test(part))
      throw new SchemaError(`invalid json-pointer ${JSON.stringify(formatLocation(location))}`);
    const token = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !hasToken(value, token)) {
      throw new SchemaError(`json-pointer in ${JSON.stringify(formatLocation(location))} not found`);
    }
    value = Reflect.get(value, token);
  }
  return value;
}

function hasToken(value: object, token: string): boolean {
  return Array.isArray(value) ? /^\d+$/.test(token) && Number(token) < value.length : Object.hasOwn(value, token);
}
