import { isBlank, isBlankOrEnd, isBreak, isFlowIndicator } from './characters.ts';
import type { Cursor } from './cursor.ts';

/**
 * Reads a plain scalar and the white space behind it; lines after the first are folded into it while they are indented by
 * at least `indent`, or always inside a flow collection.
 */
export function scanPlain(cursor: Cursor, indent: number, isInFlow: boolean): string {
  const startLine = cursor.line;
  let value = '';
  cursor.hasCrossedLine = false;
  for (let fold = ''; ; ) {
    if (cursor.isAtDocumentIndicator() || cursor.code() === 0x23) break;
    const line = scanLine(cursor, isInFlow);
    if (line === '') break;
    value = value === '' ? line : value + fold + line;
    cursor.hasCrossedLine = false;
    if (!isBreak(cursor.code())) break;
    fold = scanFold(cursor, indent, startLine);
    cursor.hasCrossedLine = true;
    if (!isInFlow && cursor.column < indent) break;
  }
  return value;
}

/** The words of one line up to a comment, `: `, a flow indicator or its end; the cursor is left behind trailing blanks. */
function scanLine(cursor: Cursor, isInFlow: boolean): string {
  const { text } = cursor;
  const start = cursor.position;
  let position = start;
  let end = start;
  for (;;) {
    const wordStart = position;
    position = skipWord(text, position, isInFlow);
    if (position === wordStart) break;
    end = position;
    if (!isBlank(text.charCodeAt(position))) break;
    while (isBlank(text.charCodeAt(position))) position += 1;
    if (text.charCodeAt(position) === 0x23) break;
  }
  cursor.position = position;
  return text.slice(start, end);
}

function skipWord(text: string, start: number, isInFlow: boolean): number {
  let position = start;
  for (; ; position += 1) {
    const code = text.charCodeAt(position);
    if (isBlankOrEnd(code)) return position;
    if (code === 0x3a && isBlankOrEnd(text.charCodeAt(position + 1))) return position;
    if (isInFlow && isFlowIndicator(code)) return position;
  }
}

/** Moves over line breaks and leading blanks; one newline folds into a space, more stand for themselves less one. */
function scanFold(cursor: Cursor, indent: number, startLine: number): string {
  const first = cursor.readBreak();
  let more = '';
  for (;;) {
    const code = cursor.code();
    if (isBlank(code)) {
      if (code === 9 && cursor.column < indent) {
        throw cursor.scanError('found a tab character that violates indentation', startLine);
      }
      cursor.position += 1;
    } else if (isBreak(code)) {
      more += cursor.readBreak();
    } else {
      return first === '\n' ? more || ' ' : first + more;
    }
  }
}
