import { isBlank, isBreak, isBreakOrEnd, isDigit } from './characters.ts';
import type { Cursor } from './cursor.ts';

interface Header {
  /** -1 strips the final break, +1 keeps all of them. */
  chomping: number;
  increment: number;
}

/**
 * Reads a literal (`|`) or folded (`>`) scalar of a node whose parent is indented by `parentIndent`. In text whose only
 * line breaks are newlines (`isSimple`), literal ones are read line by line instead of by characters.
 */
export function scanBlockScalar(cursor: Cursor, parentIndent: number, isSimple = false): string {
  const isLiteral = cursor.code() === 0x7c;
  const startLine = cursor.line;
  cursor.position += 1;
  const { chomping, increment } = scanHeader(cursor, startLine);
  const known = increment === 0 ? 0 : Math.max(parentIndent, 0) + increment;
  let breaks = scanEmptyLines(cursor, known, startLine);
  const indent = known || Math.max(breaks.widest, parentIndent + 1, 1);

  if (isLiteral && isSimple && cursor.column === indent && cursor.code() !== 0) {
    const lines = scanLines(cursor, indent);
    return breaks.text + lines.text + lines.breaks.slice(0, chomping === 0 ? 1 : chomping === 1 ? undefined : 0);
  }

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

/** Lines up to one that is indented less, and the breaks behind the last of them. Leaves the cursor as `scanEmptyLines` does. */
function scanLines(cursor: Cursor, indent: number): { text: string; breaks: string } {
  const { text } = cursor;
  let position = cursor.position;
  let value = '';
  for (;;) {
    const found = text.indexOf('\n', position);
    const end = found === -1 ? text.length - 4 : found;
    value += text.slice(position, end);
    let breaks = '';
    position = end;
    while (text.charCodeAt(position) === 10) {
      breaks += '\n';
      cursor.line += 1;
      cursor.lineStart = position + 1;
      position = endOfSpaces(text, cursor.lineStart, indent);
    }
    cursor.position = position;
    const code = text.charCodeAt(position);
    if (cursor.column < indent || code === 0 || breaks === '') {
      if (code === 9)
        throw cursor.scanError('found a tab character where an indentation space is expected', cursor.line);
      return { text: value, breaks };
    }
    value += breaks;
  }
}

function endOfSpaces(text: string, start: number, most: number): number {
  let position = start;
  while (position < start + most && text.charCodeAt(position) === 32) position += 1;
  return position;
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
