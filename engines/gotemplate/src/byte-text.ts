import { isUtf8 } from 'node:buffer';

/**
 * Go's strings are bytes. A byte that is not part of valid UTF-8 is a lone surrogate here, U+DC00 plus the byte, which no
 * Go string can hold otherwise; text that is well formed is simply itself.
 */
const escapeBase = 0xdc00;

/** The bytes of a Go string. */
export function bytesOf(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  const parts: Buffer[] = [];
  let start = 0;
  for (const { index, 0: character } of text.matchAll(/[\udc80-\udcff]/gu)) {
    parts.push(Buffer.from(text.slice(start, index)), Buffer.from([character.charCodeAt(0) - escapeBase]));
    start = index + 1;
  }
  return Buffer.concat([...parts, Buffer.from(text.slice(start))]);
}

/** The Go string of some bytes. */
export function textOf(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString();
  let text = '';
  for (let index = 0; index < buffer.length; ) {
    const size = characterSize(buffer, index);
    text +=
      size === 0
        ? String.fromCharCode(escapeBase + (buffer[index] ?? 0))
        : buffer.toString('utf8', index, index + size);
    index += Math.max(size, 1);
  }
  return text;
}

/** How many bytes the character at an index takes; 0 when there is no valid one. */
function characterSize(buffer: Buffer, index: number): number {
  const lead = buffer[index] ?? 0;
  const size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return index + size <= buffer.length && isUtf8(buffer.subarray(index, index + size)) ? size : 0;
}

/** Go's `len` of a string. */
export function byteLength(text: string): number {
  return text.isWellFormed() ? Buffer.byteLength(text) : bytesOf(text).length;
}

/** Joins bytes that stood apart, as in `print "\xc3" "\xa9"`, to the characters that they are together. */
export function rejoin(text: string): string {
  return text.isWellFormed() ? text : textOf(bytesOf(text));
}

/** A byte that is no text, when a character stands for one. */
export function escapedByte(character: string): number | undefined {
  const code = character.charCodeAt(0);
  return character.length === 1 && code >= escapeBase + 0x80 && code <= escapeBase + 0xff
    ? code - escapeBase
    : undefined;
}
