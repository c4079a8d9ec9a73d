import { isBlank, isBlankOrEnd, isBreak } from './characters.ts';
import type { Cursor } from './cursor.ts';

const singleQuote = 0x27;
const doubleQuote = 0x22;
const backslash = 0x5c;
const escapes = new Map<number, string>([
  [0x30, '\0'],
  [0x61, '\x07'],
  [0x62, '\b'],
  [0x74, '\t'],
  [0x09, '\t'],
  [0x6e, '\n'],
  [0x76, '\v'],
  [0x66, '\f'],
  [0x72, '\r'],
  [0x65, '\x1b'],
  [0x20, ' '],
  [0x22, '"'],
  [0x27, "'"],
  [0x5c, '\\'],
  [0x4e, '\x85'],
  [0x5f, '\xa0'],
  [0x4c, '\u2028'],
  [0x50, '\u2029'],
]);
const hexLengths = new Map<number, number>([
  [0x78, 2],
  [0x75, 4],
  [0x55, 8],
]);

/** Reads a scalar in single or double quotes; the cursor stands on the opening quote and is left behind the closing one. */
export function scanQuoted(cursor: Cursor): string {
  const startLine = cursor.line;
  const quote = cursor.code();
  cursor.position += 1;
  let value = '';
  for (;;) {
    if (cursor.isAtDocumentIndicator()) throw cursor.scanError('found unexpected document indicator', startLine);
    if (cursor.code() === 0) throw cursor.scanError('found unexpected end of stream', startLine);
    value += scanWord(cursor, quote, startLine);
    if (cursor.code() === quote) break;
    const hasEscapedBreak = cursor.code() === backslash;
    if (hasEscapedBreak) {
      cursor.position += 1;
      cursor.readBreak();
    }
    value += scanSpace(cursor, hasEscapedBreak);
  }
  cursor.position += 1;
  return value;
}

/** Text up to white space, the closing quote, or the backslash that hides a line break. */
function scanWord(cursor: Cursor, quote: number, startLine: number): string {
  const { text } = cursor;
  let value = '';
  let start = cursor.position;
  for (;;) {
    const code = text.charCodeAt(cursor.position);
    if (isBlankOrEnd(code)) break;
    if (code === quote) {
      if (quote === doubleQuote || text.charCodeAt(cursor.position + 1) !== singleQuote) break;
      value += text.slice(start, cursor.position + 1);
      cursor.position += 2;
      start = cursor.position;
    } else if (code === backslash && quote === doubleQuote) {
      value += text.slice(start, cursor.position);
      if (isBreak(text.charCodeAt(cursor.position + 1))) return value;
      value += scanEscape(cursor, startLine);
      start = cursor.position;
    } else {
      cursor.position += 1;
    }
  }
  return value + text.slice(start, cursor.position);
}

function scanEscape(cursor: Cursor, startLine: number): string {
  const code = cursor.code(1);
  const plain = escapes.get(code);
  if (plain !== undefined) {
    cursor.position += 2;
    return plain;
  }
  const length = hexLengths.get(code);
  if (length === undefined) throw cursor.scanError('found unknown escape character', startLine);
  cursor.position += 2;
  const digits = cursor.text.slice(cursor.position, cursor.position + length);
  if (!/^[0-9a-fA-F]+$/.test(digits) || digits.length < length) {
    throw cursor.scanError('did not find expected hexdecimal number', startLine);
  }
  const point = Number.parseInt(digits, 16);
  if ((point >= 0xd800 && point <= 0xdfff) || point > 0x10ffff) {
    throw cursor.scanError('found invalid Unicode character escape code', startLine);
  }
  cursor.position += length;
  return String.fromCodePoint(point);
}

/** White space inside quotes: kept on one line, folded over several; nothing is left of it behind an escaped break. */
function scanSpace(cursor: Cursor, hasEscapedBreak: boolean): string {
  const start = cursor.position;
  let isOnNextLine = hasEscapedBreak;
  let first = '';
  let more = '';
  for (;;) {
    const code = cursor.code();
    if (isBreak(code)) {
      if (isOnNextLine) more += cursor.readBreak();
      else first = cursor.readBreak();
      isOnNextLine = true;
    } else if (isBlank(code)) {
      cursor.position += 1;
    } else {
      break;
    }
  }
  if (!isOnNextLine) return cursor.text.slice(start, cursor.position);
  return first === '\n' ? more || ' ' : first + more;
}
