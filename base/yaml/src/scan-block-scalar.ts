import { isBlank, isBreak, isBreakOrEnd, isDigit } from './characters.ts';
import type { Cursor } from './cursor.ts';

interface Header {
  /** -1 strips the final break, +1 keeps all of them. */
  chomping: number;
  increment: number;
}

/** Reads a literal (`|`) or folded (`>`) scalar of a node whose parent is indented by `parentIndent`. */
export function scanBlockScalar(cursor: Cursor, parentIndent: number): string {
  const isLiteral = cursor.code() === 0x7c;
  const startLine = cursor.line;
  cursor.position += 1;
  const { chomping, increment } = scanHeader(cursor, startLine);
  const known = increment === 0 ? 0 : Math.max(parentIndent, 0) + increment;
  let breaks = scanEmptyLines(cursor, known, startLine);
  const indent = known || Math.max(breaks.widest, parentIndent + 1, 1);

  let value = '';
  let lineBreak = '';
  let wasIndented = false;
  while (cursor.column === indent && cursor.code() !== 0) {
    const isIndented = isBlank(cursor.code());
    const isFolded = !isLiteral && lineBreak === '\n' && !wasIndented && !isIndented;
    value += (isFolded ? (breaks.text === '' ? ' ' : '') : lineBreak) + breaks.text;
    wasIndented = isIndented;
    value += scanRestOfLine(cursor);
    lineBreak = isBreak(cursor.code()) ? cursor.readBreak() : '';
    breaks = scanEmptyLines(cursor, indent, startLine);
  }
  if (chomping !== -1) value += lineBreak;
  if (chomping === 1) value += breaks.text;
  return value;
}

function scanHeader(cursor: Cursor, startLine: number): Header {
  const header: Header = { chomping: 0, increment: 0 };
  if (!scanChomping(cursor, header)) {
    scanIncrement(cursor, header, startLine);
    scanChomping(cursor, header);
  } else {
    scanIncrement(cursor, header, startLine);
  }
  while (isBlank(cursor.code())) cursor.position += 1;
  if (cursor.code() === 0x23) scanRestOfLine(cursor);
  if (!isBreakOrEnd(cursor.code())) throw cursor.scanError('did not find expected comment or line break', startLine);
  if (isBreak(cursor.code())) cursor.readBreak();
  return header;
}

function scanChomping(cursor: Cursor, header: Header): boolean {
  const code = cursor.code();
  if (code !== 0x2b && code !== 0x2d) return false;
  header.chomping = code === 0x2b ? 1 : -1;
  cursor.position += 1;
  return true;
}

function scanIncrement(cursor: Cursor, header: Header, startLine: number): void {
  const code = cursor.code();
  if (!isDigit(code)) return;
  if (code === 0x30) throw cursor.scanError('found an indentation indicator equal to 0', startLine);
  header.increment = code - 0x30;
  cursor.position += 1;
}

/** Line breaks up to the next line with text; with an `indent` of 0 that is still to be found, any depth of spaces counts. */
function scanEmptyLines(cursor: Cursor, indent: number, startLine: number): { text: string; widest: number } {
  let text = '';
  let widest = 0;
  for (;;) {
    while ((indent === 0 || cursor.column < indent) && cursor.code() === 32) cursor.position += 1;
    widest = Math.max(widest, cursor.column);
    if ((indent === 0 || cursor.column < indent) && cursor.code() === 9) {
      throw cursor.scanError('found a tab character where an indentation space is expected', startLine);
    }
    if (!isBreak(cursor.code())) return { text, widest };
    text += cursor.readBreak();
  }
}

function scanRestOfLine(cursor: Cursor): string {
  const { text } = cursor;
  const start = cursor.position;
  let position = start;
  while (!isBreakOrEnd(text.charCodeAt(position))) position += 1;
  cursor.position = position;
  return text.slice(start, position);
}
