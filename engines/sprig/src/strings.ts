import {
  byteLength,
  bytesOf,
  fn,
  type GoFunction,
  type GoInt,
  printValue,
  quote,
  setKey,
  stringList,
  textOf,
  withGoType,
} from '@flux/gotemplate';
import { compareCodePoints } from '@flux/gotypes';
import { toNumber, toText, toTexts } from './cast.ts';
import { lowerLetter, lowerText, mapLetters, upperLetter, upperText } from './letter-case.ts';
import { joinWords, pascalCase } from './word-case.ts';

/** Larger results than this are refused; `repeat` and `indent` could otherwise fill the memory at once. */
const maxLength = 16 * 1024 * 1024;

/** Functions on text; positions and lengths count bytes, as in Go. */
export const stringFunctions: Readonly<Record<string, GoFunction>> = {
  abbrev: fn('int, string', (width: GoInt, text: string) => abbreviate(text, 0, toNumber(width), 4)),
  abbrevboth: fn('int, int, string', (left: GoInt, right: GoInt, text: string) => {
    return abbreviate(text, toNumber(left), toNumber(right), toNumber(left) > 0 ? 7 : 4);
  }),
  trunc: fn('int, string', (length: GoInt, text: string) => truncate(text, toNumber(length))),
  trim: fn('string', trimSpace),
  upper: fn('string', upperText),
  lower: fn('string', lowerText),
  title: fn('string', titleCase),
  untitle: fn('string', (text: string) => mapWordStarts(text, lowerLetter)),
  substr: fn('int, int, string', substring),
  repeat: fn('int, string', repeat),
  trimall: fn('string, string', trimAll),
  trimAll: fn('string, string', trimAll),
  trimSuffix: fn('string, string', (suffix: string, text: string) => {
    return suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
  }),
  trimPrefix: fn('string, string', (prefix: string, text: string) =>
    text.startsWith(prefix) ? text.slice(prefix.length) : text,
  ),
  nospace: fn('string', deleteSpace),
  initials: fn('string', (text: string) =>
    // goutils takes bytes for letters, of which two more are spaces then.
    bytesOf(text)
      .toString('latin1')
      .split(/[\t-\r \x85\xa0]+/)
      .map((word) => word.charAt(0))
      .join(''),
  ),
  swapcase: fn('string', swapCase),
  snakecase: fn('string', (text: string) => joinWords(text, '_')),
  kebabcase: fn('string', (text: string) => joinWords(text, '-')),
  camelcase: fn('string', pascalCase),
  wrap: fn('int, string', (width: GoInt, text: string) => wrap(text, toNumber(width), '\n', false)),
  wrapWith: fn('int, string, string', (width: GoInt, separator: string, text: string) => {
    return wrap(text, toNumber(width), separator === '' ? '\n' : separator, true);
  }),
  contains: fn('string, string', (part: string, text: string) => text.includes(part)),
  hasPrefix: fn('string, string', (part: string, text: string) => text.startsWith(part)),
  hasSuffix: fn('string, string', (part: string, text: string) => text.endsWith(part)),
  quote: fn('...any', (...values: unknown[]) =>
    present(values)
      .map((value) => quote(toText(value)))
      .join(' '),
  ),
  squote: fn('...any', (...values: unknown[]) =>
    present(values)
      .map((value) => `'${printValue(value)}'`)
      .join(' '),
  ),
  cat: fn('...any', (...values: unknown[]) =>
    present(values)
      .map((value) => printValue(value))
      .join(' '),
  ),
  indent: fn('int, string', (spaces: GoInt, text: string) => indent(toNumber(spaces), text)),
  nindent: fn('int, string', (spaces: GoInt, text: string) => `\n${indent(toNumber(spaces), text)}`),
  replace: fn('string, string, string', replaceAll),
  plural: fn('string, string, int', (one: string, many: string, count: GoInt) => (count.value === 1n ? one : many)),
  toString: fn('any', toText),
  toStrings: fn('any', (value: unknown) => stringList(toTexts(value))),
  join: fn('string, any', (separator: string, value: unknown) => toTexts(value).join(separator)),
  sortAlpha: fn('any', (value: unknown) => {
    return stringList(Array.isArray(value) ? toTexts(value).sort(compareCodePoints) : [toText(value)]);
  }),
  split: fn('string, string', (separator: string, text: string) => numbered(splitText(text, separator))),
  splitList: fn('string, string', (separator: string, text: string) => stringList(splitText(text, separator))),
  splitn: fn('string, int, string', (separator: string, count: GoInt, text: string) => {
    return numbered(splitText(text, separator, toNumber(count)));
  }),
};

function present(values: readonly unknown[]): unknown[] {
  return values.filter((value) => value !== undefined && value !== null);
}

function trimSpace(text: string): string {
  return text.replace(/^[\s\x85]+|[\s\x85]+$/g, '');
}

/** goutils goes byte by byte, so that text with both space and other scripts is garbled; charts may rely on neither. */
function deleteSpace(text: string): string {
  const bytes = [...bytesOf(text)];
  const isSpace = (byte: number) => (byte >= 9 && byte <= 13) || byte === 0x20 || byte === 0x85 || byte === 0xa0;
  return bytes.some(isSpace) ? Buffer.from(bytes.filter((byte) => !isSpace(byte))).toString('latin1') : text;
}

function mapWordStarts(text: string, change: (character: string) => string): string {
  const known = text.toWellFormed();
  return known.replace(/(^|\s)(\S)/gu, (_whole, space: string, first: string) => space + change(first));
}

/** Go's strings.Title: a letter after what is no letter, digit, underscore or apostrophe. */
function titleCase(text: string): string {
  let previous = ' ';
  let out = '';
  for (const character of text) {
    const separated = /\s/.test(previous) || (previous.charCodeAt(0) < 128 && !/[A-Za-z0-9_]/.test(previous));
    out += separated ? upperLetter(character) : character;
    previous = character;
  }
  return out;
}

/** Lower case becomes upper case; capitals become lower case, at the start of words too. */
function swapCase(text: string): string {
  return mapLetters(text, (character) => {
    if (/\p{Lu}|\p{Lt}/u.test(character)) return lowerLetter(character);
    return /\p{Ll}/u.test(character) ? upperLetter(character) : character;
  });
}

function sliceBytes(text: string, start: number, end?: number): string {
  return textOf(bytesOf(text).subarray(start, end));
}

function truncate(text: string, length: number): string {
  const size = byteLength(text);
  if (length < 0 && size + length > 0) return sliceBytes(text, size + length);
  return length >= 0 && size > length ? sliceBytes(text, 0, length) : text;
}

function substring(startValue: GoInt, endValue: GoInt, text: string): string {
  const [start, end, size] = [toNumber(startValue), toNumber(endValue), byteLength(text)];
  if (start < 0) {
    if (end > size || end < 0)
      throw new RangeError(
        `runtime error: slice bounds out of range [:${end}]${end < 0 ? '' : ` with length ${size}`}`,
      );
    return sliceBytes(text, 0, end);
  }
  if (end < 0 || end > size) {
    if (start > size) throw new RangeError(`runtime error: slice bounds out of range [${start}:${size}]`);
    return sliceBytes(text, start);
  }
  if (start > end) throw new RangeError(`runtime error: slice bounds out of range [${start}:${end}]`);
  return sliceBytes(text, start, end);
}

function refuseLong(length: number): void {
  if (length > maxLength) throw new RangeError(`the result would be longer than ${maxLength} bytes`);
}

function repeat(count: GoInt, text: string): string {
  if (count.value < 0n) throw new RangeError('strings: negative Repeat count');
  refuseLong(text.length * toNumber(count));
  return text.repeat(toNumber(count));
}

function trimAll(cutset: string, text: string): string {
  const cut = new Set(cutset);
  const characters = [...text];
  let [start, end] = [0, characters.length];
  while (start < end && cut.has(characters[start] ?? '')) start++;
  while (end > start && cut.has(characters[end - 1] ?? '')) end--;
  return characters.slice(start, end).join('');
}

function indent(spaces: number, text: string): string {
  if (spaces < 0) throw new RangeError('strings: negative Repeat count');
  refuseLong(spaces * text.split('\n').length);
  const padding = ' '.repeat(spaces);
  return padding + text.replaceAll('\n', `\n${padding}`);
}

function replaceAll(old: string, by: string, text: string): string {
  if (old !== '') {
    const parts = text.split(old);
    refuseLong(text.length + (parts.length - 1) * (by.length - old.length));
    return parts.join(by);
  }
  refuseLong(text.length * (by.length + 1));
  return [...text].reduce((out, character) => `${out}${character}${by}`, by);
}

function splitText(text: string, separator: string, count = -1): string[] {
  if (count === 0) return [];
  const parts = separator === '' ? [...text] : text.split(separator);
  if (count < 0 || parts.length <= count) return parts;
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

function numbered(parts: readonly string[]): Record<string, unknown> {
  const map: Record<string, unknown> = {};
  for (const [index, part] of parts.entries()) setKey(map, `_${index}`, part);
  return withGoType(map, { name: 'map[string]string', zero: '' });
}

function abbreviate(text: string, offsetValue: number, width: number, least: number): string {
  const size = byteLength(text);
  if (width < least || size <= width) return text;
  let offset = Math.min(offsetValue, size);
  if (size - offset < width - 3) offset = size - (width - 3);
  if (offset <= 4) return `${sliceBytes(text, 0, width - 3)}...`;
  if (width < 7) return '';
  if (offset + width - 3 < size)
    return `...${width - 3 < 4 ? '' : abbreviate(sliceBytes(text, offset), 0, width - 3, 4)}`;
  return `...${sliceBytes(text, size - (width - 3))}`;
}

function wrap(text: string, widthValue: number, separator: string, breaksWords: boolean): string {
  const bytes = bytesOf(text);
  const width = Math.max(1, widthValue);
  let out = '';
  let offset = 0;
  const take = (end: number, next: number) => {
    out += textOf(bytes.subarray(offset, end)) + separator;
    offset = next;
  };
  while (bytes.length - offset > width) {
    if (bytes[offset] === 0x20) {
      offset++;
      continue;
    }
    const space = bytes.lastIndexOf(0x20, width + offset);
    if (space >= offset) take(space, space + 1);
    else if (breaksWords) take(width + offset, width + offset);
    else {
      const next = bytes.indexOf(0x20, width + offset);
      if (next < 0) return out + textOf(bytes.subarray(offset));
      take(next, next + 1);
    }
  }
  return out + textOf(bytes.subarray(offset));
}
