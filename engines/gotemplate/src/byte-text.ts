import { isUtf8 } from 'node:buffer';

/**
 * Go's strings are bytes. A byte that is not part of valid UTF-8 is a lone surrogate here, U+DC00 plus the byte, which no
 * Go string can hold otherwise; text that is well formed is simply itself.
 */
const escapeBase = 0xdc00;

/** The bytes of a Go string. */
export function bytesOf(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  const bytes = Buffer.alloc(text.length * 3);
  let length = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x80) bytes[length++] = code;
    else if (code > escapeBase + 0x7f && code <= escapeBase + 0xff) bytes[length++] = code - escapeBase;
    else {
      const isPair = code >= 0xd800 && code < escapeBase && (text.charCodeAt(index + 1) & 0xfc00) === escapeBase;
      length += bytes.write(text.slice(index, index + (isPair ? 2 : 1)), length);
      if (isPair) index += 1;
    }
  }
  return bytes.subarray(0, length);
}

/** The Go string of some bytes. */
export function textOf(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString();
  // No byte becomes more than one unit of UTF-16.
  const units = new Uint16Array(buffer.length);
  let length = 0;
  for (let index = 0; index < buffer.length; ) {
    const lead = buffer[index] ?? 0;
    const size = lead < 0x80 ? 1 : characterSize(buffer, index, lead);
    if (size === 0) units[length++] = escapeBase + lead;
    else if (size === 1) units[length++] = lead;
    else {
      const character = buffer.toString('utf8', index, index + size);
      for (let at = 0; at < character.length; at += 1) units[length++] = character.charCodeAt(at);
    }
    index += size || 1;
  }
  return Buffer.from(units.buffer, 0, length * 2).toString('utf16le');
}

/** How many bytes the character at an index takes that does not begin with ASCII; 0 when there is no valid one. */
function characterSize(buffer: Buffer, index: number, lead: number): number {
  const size = lead < 0xc2 || lead > 0xf4 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  for (let at = 1; at < size; at += 1) if (((buffer[index + at] ?? 0) & 0xc0) !== 0x80) return 0;
  return size > 2 && !isUtf8(buffer.subarray(index, index + size)) ? 0 : size;
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
