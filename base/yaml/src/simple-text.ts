import type { Cursor } from './cursor.ts';
import { scanQuoted } from './scan-quoted.ts';

/**
 * Thrown, without a stack of its own, when a document is not of the simple kind; the complete reader then starts over.
 * It never reaches a caller.
 */
export const notSimple: Error = new Error('the document needs the complete reader');

const slots = 1024;
const longestCached = 64;
const longestKey = 1000;
const cache: string[] = new Array(slots).fill('');

/** A part of the text that is a key. Manifests repeat few keys: reusing their strings saves hashing them again. */
export function sliceKey(text: string, start: number, end: number): string {
  const length = end - start;
  if (length > longestCached) {
    if (length > longestKey) throw notSimple;
    return text.slice(start, end);
  }
  const slot =
    (text.charCodeAt(start) * 31 +
      text.charCodeAt(end - 1) * 7 +
      text.charCodeAt(start + (length >> 1)) +
      length * 131) %
    slots;
  const cached = cache[slot]!;
  if (cached.length === length && text.startsWith(cached, start)) return cached;
  const key = text.slice(start, end);
  cache[slot] = key;
  return key;
}

/** Reads a quoted scalar; without escapes and line breaks it is one slice of the text. */
export function readQuoted(cursor: Cursor): string {
  const { text, position } = cursor;
  const quote = text.charCodeAt(position);
  for (let end = position + 1; ; end += 1) {
    const code = text.charCodeAt(end);
    if (code === quote) {
      if (quote === 0x27 && text.charCodeAt(end + 1) === 0x27) break;
      cursor.position = end + 1;
      return text.slice(position + 1, end);
    }
    if (code === 10 || code === 13 || code === 0 || (code === 0x5c && quote === 0x22)) break;
  }
  return scanQuoted(cursor);
}
