import type { Cursor } from './cursor.ts';
import type { PlainObject } from './plain-object.ts';
import { resolvePlain } from './resolve.ts';
import { notSimple, readQuoted, sliceKey } from './simple-text.ts';
import { maxDepth } from './tokens.ts';

const comma = 0x2c;
const openList = 0x5b;
const closeList = 0x5d;
const openMap = 0x7b;
const closeMap = 0x7d;
/** What may not stand at the start of a plain scalar here: indicators, and what would make it special. */
const refusedStarts = new Set([...'-?:,[]{}#&*!|>\'"%@`\0'].map((character) => character.charCodeAt(0)));

/** Reads a flow collection of scalars and collections, as JSON has them; the cursor stands on its bracket. */
export function readSimpleFlow(cursor: Cursor, depth: number): unknown {
  if (depth > maxDepth) throw notSimple;
  const isMap = cursor.text.charCodeAt(cursor.position) === openMap;
  cursor.position += 1;
  return isMap ? readMap(cursor, depth) : readList(cursor, depth);
}

function readList(cursor: Cursor, depth: number): unknown[] {
  const items: unknown[] = [];
  for (;;) {
    if (skipSpace(cursor) === closeList) break;
    items.push(readValue(cursor, depth));
    const code = skipSpace(cursor);
    if (code === closeList) break;
    if (code !== comma) throw notSimple;
    cursor.position += 1;
  }
  cursor.position += 1;
  return items;
}

function readMap(cursor: Cursor, depth: number): PlainObject {
  const object: PlainObject = {};
  for (;;) {
    if (skipSpace(cursor) === closeMap) break;
    const key = readKey(cursor);
    if (key === '__proto__' || (key in object && Object.hasOwn(object, key))) throw notSimple;
    const code = skipSpace(cursor);
    if (code === comma || code === closeMap) throw notSimple;
    object[key] = readValue(cursor, depth);
    const next = skipSpace(cursor);
    if (next === closeMap) break;
    if (next !== comma) throw notSimple;
    cursor.position += 1;
  }
  cursor.position += 1;
  return object;
}

/** A key and the colon behind it on the same line. */
function readKey(cursor: Cursor): string {
  const { text } = cursor;
  const start = cursor.position;
  const first = text.charCodeAt(start);
  if (first === 0x22 || first === 0x27) {
    const key = readQuoted(cursor);
    if (text.charCodeAt(cursor.position) !== 0x3a || cursor.position - start > 1000) throw notSimple;
    if (text.slice(start, cursor.position).includes('\n')) throw notSimple;
    cursor.position += 1;
    return key;
  }
  const end = endOfPlain(text, start);
  if (text.charCodeAt(end) !== 0x3a || end === start) throw notSimple;
  cursor.position = end + 1;
  if (text.charCodeAt(end - 1) === 0x20) throw notSimple;
  const key = sliceKey(text, start, end);
  if (typeof resolvePlain(key, cursor.mode) !== 'string' || key === '<<') throw notSimple;
  return key;
}

function readValue(cursor: Cursor, depth: number): unknown {
  const { text } = cursor;
  const start = cursor.position;
  const code = text.charCodeAt(start);
  if (code === openMap || code === openList) return readSimpleFlow(cursor, depth + 1);
  if (code === 0x22 || code === 0x27) return readQuoted(cursor);
  let end = endOfPlain(text, start);
  if (text.charCodeAt(end) === 0x3a) throw notSimple;
  cursor.position = end;
  while (text.charCodeAt(end - 1) === 0x20) end -= 1;
  const value = resolvePlain(text.slice(start, end), cursor.mode);
  if (typeof value === 'bigint') cursor.hasBigInteger = true;
  if (typeof value === 'number' && !Number.isFinite(value)) throw notSimple;
  return value;
}

/** Where a plain scalar of one line ends: at a flow indicator, at a colon before a space, or at the end of the line. */
function endOfPlain(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (refusedStarts.has(first) && !(first === 0x2d && text.charCodeAt(start + 1) > 0x2d)) throw notSimple;
  for (let position = start; ; position += 1) {
    const code = text.charCodeAt(position);
    if (code === comma || code === closeList || code === closeMap) return position;
    if (code === 0x3a && text.charCodeAt(position + 1) === 0x20) return position;
    if (code === 10 || code === 13) return checkNextLine(text, position);
    const isComment = code === 0x23 && text.charCodeAt(position - 1) === 0x20;
    if (code < 0x20 || isComment || code === openList || code === openMap || code === 0x3f) throw notSimple;
  }
}

/** A plain scalar ends with its line if the next one starts with what ends a value. */
function checkNextLine(text: string, end: number): number {
  let position = end;
  let code = text.charCodeAt(position);
  while (isSpace(code)) code = text.charCodeAt(++position);
  if (code !== comma && code !== closeList && code !== closeMap) throw notSimple;
  return end;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 10 || code === 13 || code === 9;
}

/** Moves over white space and returns what comes then. */
function skipSpace(cursor: Cursor): number {
  const { text } = cursor;
  let { position } = cursor;
  let code = text.charCodeAt(position);
  while (isSpace(code)) {
    position += 1;
    const before = code;
    code = text.charCodeAt(position);
    // A document indicator here is an error.
    if (before === 10 && (code === 0x2d || code === 0x2e)) throw notSimple;
  }
  cursor.position = position;
  return code;
}
