import { isUtf8 } from 'node:buffer';

/**
 * Go's strings are bytes. A byte that is not part of valid UTF-8 is a lone surrogate here, U+DC00 plus the byte, which no
 * Go string can hold otherwise; text that is well formed is simply itself.
 */
const escapeBase = 0xdc00;

interface Packed {
  readonly text: string;
  readonly bytes: Buffer;
}

/** Smaller ones are read as fast as they are remembered. */
const minPacked = 4096;
/** What was read last that is no UTF-8: charts turn packed files into text to encode that at once. */
let latest: WeakRef<Packed> | undefined;

/** The bytes of a Go string. */
export function bytesOf(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  const packed = text.length < minPacked / 4 ? undefined : latest?.deref();
  if (packed !== undefined && packed.text === text) return Buffer.from(packed.bytes);
  // Charts carry packed files, in which most characters that are valid by chance have two bytes: no call for these.
  const bytes = Buffer.allocUnsafe(text.length * 3);
  let length = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x80) bytes[length++] = code;
    else if (code > escapeBase + 0x7f && code <= escapeBase + 0xff) bytes[length++] = code - escapeBase;
    else if (code < 0x800) {
      bytes[length++] = 0xc0 | (code >> 6);
      bytes[length++] = 0x80 | (code & 0x3f);
    } else {
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
    if (lead < 0x80) {
      units[length++] = lead;
      index += 1;
      continue;
    }
    const size = lead < 0xc2 || lead > 0xf4 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const point = size === 1 ? -1 : codePointAt(buffer, index, size);
    if (point < 0) units[length++] = escapeBase + lead;
    else if (point <= 0xffff) units[length++] = point;
    else {
      units[length++] = 0xd7c0 + (point >> 10);
      units[length++] = 0xdc00 + (point & 0x3ff);
    }
    index += point < 0 ? 1 : size;
  }
  const text = Buffer.from(units.buffer, 0, length * 2).toString('utf16le');
  if (buffer.length >= minPacked) latest = new WeakRef({ text, bytes: buffer });
  return text;
}

/** The character of two to four bytes at an index; -1 when they are none that UTF-8 allows. */
function codePointAt(buffer: Buffer, index: number, size: number): number {
  let point = (buffer[index] ?? 0) & (0x7f >> size);
  for (let at = index + 1; at < index + size; at += 1) {
    const next = buffer[at] ?? 0;
    if ((next & 0xc0) !== 0x80) return -1;
    point = (point << 6) | (next & 0x3f);
  }
  if (size === 3) return point < 0x800 || (point >= 0xd800 && point < 0xe000) ? -1 : point;
  if (size === 4) return point < 0x10000 || point > 0x10ffff ? -1 : point;
  return point;
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
