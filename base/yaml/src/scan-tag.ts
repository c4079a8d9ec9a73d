import { isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, isDigit, isWordCharacter } from './characters.ts';
import type { Cursor, Mark } from './cursor.ts';

export interface ScannedTag {
  handle: string;
  suffix: string;
}

export type ScannedDirective =
  | { name: 'YAML'; major: number; minor: number }
  | { name: 'TAG'; handle: string; prefix: string };

const uriCharacters = new Set([...";/?:@&=+$,.!~*'()[]%"].map((character) => character.charCodeAt(0)));

/** Reads the name of an anchor (`&name`) or alias (`*name`). */
export function scanAnchor(cursor: Cursor): string {
  const start = cursor.mark();
  cursor.position += 1;
  const name = scanWord(cursor);
  const next = cursor.code();
  if (name === '' || !(isBlankOrEnd(next) || '?:,]}%@`'.includes(String.fromCharCode(next)))) {
    throw cursor.scanError('did not find expected alphabetic or numeric character', start);
  }
  return name;
}

/** Reads `!local`, `!!type`, `!handle!type` or `!<uri>`. */
export function scanTag(cursor: Cursor): ScannedTag {
  const start = cursor.mark();
  const tag = cursor.code(1) === 0x3c ? scanVerbatimTag(cursor, start) : scanShorthandTag(cursor, start);
  if (!isBlankOrEnd(cursor.code())) throw cursor.scanError('did not find expected whitespace or line break', start);
  return tag;
}

function scanVerbatimTag(cursor: Cursor, start: Mark): ScannedTag {
  cursor.position += 2;
  const suffix = scanUri(cursor, '', start);
  if (cursor.code() !== 0x3e) throw cursor.scanError("did not find the expected '>'", start);
  cursor.position += 1;
  return { handle: '', suffix };
}

function scanShorthandTag(cursor: Cursor, start: Mark): ScannedTag {
  const handle = scanHandle(cursor, start, false);
  if (handle.length > 1 && handle.endsWith('!')) return { handle, suffix: scanUri(cursor, '', start) };
  const suffix = scanUri(cursor, handle, start);
  return suffix === '' ? { handle: '', suffix: '!' } : { handle: '!', suffix };
}

/** Reads a `%YAML` or `%TAG` line to its end. */
export function scanDirective(cursor: Cursor): ScannedDirective {
  const start = cursor.mark();
  cursor.position += 1;
  const name = scanWord(cursor);
  if (name === '') throw cursor.scanError('could not find expected directive name', start);
  if (!isBlankOrEnd(cursor.code())) throw cursor.scanError('found unexpected non-alphabetical character', start);
  const directive = scanDirectiveValue(cursor, name, start);
  skipBlanks(cursor);
  if (cursor.code() === 0x23) while (!isBreakOrEnd(cursor.code())) cursor.position += 1;
  if (!isBreakOrEnd(cursor.code())) throw cursor.scanError('did not find expected comment or line break', start);
  if (isBreak(cursor.code())) cursor.readBreak();
  return directive;
}

function scanDirectiveValue(cursor: Cursor, name: string, start: Mark): ScannedDirective {
  if (name === 'YAML') {
    skipBlanks(cursor);
    const major = scanVersionNumber(cursor, start);
    if (cursor.code() !== 0x2e) throw cursor.scanError("did not find expected digit or '.' character", start);
    cursor.position += 1;
    return { name, major, minor: scanVersionNumber(cursor, start) };
  }
  if (name !== 'TAG') throw cursor.scanError('found unknown directive name', start);
  skipBlanks(cursor);
  const handle = scanHandle(cursor, start, true);
  if (!isBlank(cursor.code())) throw cursor.scanError('did not find expected whitespace', start);
  skipBlanks(cursor);
  const prefix = scanUri(cursor, '', start);
  if (!isBlankOrEnd(cursor.code())) throw cursor.scanError('did not find expected whitespace or line break', start);
  return { name, handle, prefix };
}

function scanVersionNumber(cursor: Cursor, start: Mark): number {
  const from = cursor.position;
  while (isDigit(cursor.code())) {
    cursor.position += 1;
    if (cursor.position - from > 2) throw cursor.scanError('found extremely long version number', start);
  }
  if (cursor.position === from) throw cursor.scanError('did not find expected version number', start);
  return Number(cursor.text.slice(from, cursor.position));
}

function scanHandle(cursor: Cursor, start: Mark, isDirective: boolean): string {
  if (cursor.code() !== 0x21) throw cursor.scanError("did not find expected '!'", start);
  cursor.position += 1;
  let handle = `!${scanWord(cursor)}`;
  if (cursor.code() === 0x21) {
    cursor.position += 1;
    handle += '!';
  } else if (isDirective && handle !== '!') {
    throw cursor.scanError("did not find expected '!'", start);
  }
  return handle;
}

/** What was read as a handle but had no second `!` is the start of the suffix. */
function scanUri(cursor: Cursor, handle: string, start: Mark): string {
  const from = cursor.position;
  while (isWordCharacter(cursor.code()) || uriCharacters.has(cursor.code())) cursor.position += 1;
  if (cursor.position === from && handle === '') throw cursor.scanError('did not find expected tag URI', start);
  const text = handle.slice(1) + cursor.text.slice(from, cursor.position);
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw cursor.scanError('did not find URI escaped octet', start);
  }
}

function scanWord(cursor: Cursor): string {
  const from = cursor.position;
  while (isWordCharacter(cursor.code())) cursor.position += 1;
  return cursor.text.slice(from, cursor.position);
}

function skipBlanks(cursor: Cursor): void {
  while (isBlank(cursor.code())) cursor.position += 1;
}
