import type { YamlMode } from './cursor.ts';
import { chooseStyle, isLineBreak, isPrintable } from './scalar-style.ts';

export interface ScalarPlace {
  /** Column at which the text begins. */
  column: number;
  /** Indentation of lines after the first. */
  indent: number;
  /** Keys are never folded and never literal. */
  isKey: boolean;
  /** Where lines are folded. */
  width: number;
  mode: YamlMode;
}

const namedEscapes = new Map<number, string>([
  [0x00, '\\0'],
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0b, '\\v'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [0x1b, '\\e'],
  [0x22, '\\"'],
  [0x5c, '\\\\'],
  [0x85, '\\N'],
  [0xa0, '\\_'],
  [0x2028, '\\L'],
  [0x2029, '\\P'],
]);
const blockBreak = /([\n\u2028\u2029])(?=[^\n\u2028\u2029])/g;

/** A string as go-yaml writes it; a result that ends in a newline is a literal block. */
export function writeString(text: string, place: ScalarPlace): string {
  switch (chooseStyle(text, place.isKey, place.mode)) {
    case 'plain':
      return place.isKey || place.column + text.length <= place.width ? text : foldPlain(text, place);
    case 'single':
      return writeSingleQuoted(text, place);
    case 'double':
      return writeDoubleQuoted(text, place);
    case 'literal':
      return writeLiteral(text, place.indent);
  }
}

/** Lines break at single spaces behind the width, never sooner. */
function foldPlain(text: string, place: ScalarPlace): string {
  let result = '';
  let start = 0;
  let column = place.column;
  for (let space = text.indexOf(' '); space !== -1; space = text.indexOf(' ', space + 1)) {
    const isSingle = text.charCodeAt(space - 1) !== 0x20 && text.charCodeAt(space + 1) !== 0x20;
    if (!isSingle || column + countCharacters(text, start, space) <= place.width) continue;
    result += `${text.slice(start, space)}\n${' '.repeat(place.indent)}`;
    start = space + 1;
    column = place.indent;
  }
  return result + text.slice(start);
}

function countCharacters(text: string, start: number, end: number): number {
  return end - start - countPairs(text, start, end);
}

function countPairs(text: string, start: number, end: number): number {
  let pairs = 0;
  for (let index = start; index < end; index += 1) if ((text.charCodeAt(index) & 0xfc00) === 0xd800) pairs += 1;
  return pairs;
}

function writeSingleQuoted(text: string, place: ScalarPlace): string {
  let result = "'";
  let column = place.column + 1;
  let wasSpace = false;
  let wasBreak = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    const code = text.charCodeAt(index);
    const isSpace = code === 0x20;
    const isFoldable = isSpace && !wasSpace && index > 0 && index < text.length - 1 && text[index + 1] !== ' ';
    if (isFoldable && !place.isKey && column > place.width) {
      result += `\n${' '.repeat(place.indent)}`;
      column = place.indent;
    } else if (isLineBreak(code)) {
      result += character;
      column = 0;
    } else {
      if (wasBreak && !isSpace) {
        result += ' '.repeat(place.indent);
        column = place.indent;
      }
      result += code === 0x27 ? "''" : character;
      column += code === 0x27 ? 2 : 1;
    }
    wasSpace = isSpace;
    wasBreak = isLineBreak(code);
  }
  return `${result}'`;
}

function writeDoubleQuoted(text: string, place: ScalarPlace): string {
  let result = '"';
  let column = place.column + 1;
  let wasSpace = false;
  const last = text.length - 1;
  // libyaml asks whether the string, not the character, is a byte order mark.
  const isAllEscaped = text.charCodeAt(0) === 0xfeff;
  for (let index = 0; index <= last; index += 1) {
    const code = text.charCodeAt(index);
    const isSpace = code === 0x20 && !isAllEscaped;
    if (isSpace && !place.isKey && !wasSpace && column > place.width && index > 0 && index < last) {
      const isNextSpace = text.charCodeAt(index + 1) === 0x20;
      result += `\n${' '.repeat(place.indent)}${isNextSpace ? '\\' : ''}`;
      column = place.indent + (isNextSpace ? 1 : 0);
    } else if (isAllEscaped || isEscaped(code)) {
      const escaped = escapeCharacter(text, index);
      result += escaped;
      column += escaped.length;
      if ((code & 0xfc00) === 0xd800) index += 1;
    } else {
      result += text.charAt(index);
      column += 1;
    }
    wasSpace = isSpace;
  }
  return `${result}"`;
}

function isEscaped(code: number): boolean {
  return code === 0x22 || code === 0x5c || !isPrintable(code) || isLineBreak(code);
}

function escapeCharacter(text: string, index: number): string {
  const point = text.codePointAt(index) ?? 0;
  const named = namedEscapes.get(point);
  if (named !== undefined) return named;
  const [prefix, width] = point <= 0xff ? ['\\x', 2] : point <= 0xffff ? ['\\u', 4] : ['\\U', 8];
  return prefix + point.toString(16).toUpperCase().padStart(width, '0');
}

function writeLiteral(text: string, indent: number): string {
  const first = text.charCodeAt(0);
  const hint = first === 0x20 || isLineBreak(first) ? '2' : '';
  const padding = ' '.repeat(indent);
  const body = (isLineBreak(first) ? '' : padding) + text.replace(blockBreak, `$1${padding}`);
  return `|${hint}${chomping(text)}\n${body}`;
}

function chomping(text: string): string {
  const last = text.length - 1;
  if (!isLineBreak(text.charCodeAt(last))) return '-';
  return last === 0 || isLineBreak(text.charCodeAt(last - 1)) ? '+' : '';
}
