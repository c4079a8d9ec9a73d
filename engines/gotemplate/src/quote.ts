import { type QuoteOptions, quoteGo } from '@flux/gotypes';
import { escapedByte, rejoin, textOf } from './byte-text.ts';

const lone = /([\ud800-\udfff])/u;

/** Go's `strconv.Quote`, also of bytes that are no text. */
export function quote(text: string, options: QuoteOptions = {}): string {
  if (text.isWellFormed()) return quoteGo(text, options);
  const { mark = '"' } = options;
  const parts = text.split(lone).map((part) => {
    const byte = escapedByte(part);
    return byte === undefined ? quoteGo(part, options).slice(mark.length, -mark.length) : `\\x${byte.toString(16)}`;
  });
  return mark + parts.join('') + mark;
}

const simple: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};
const escapePattern = /\\(?:([abfnrtv\\'"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/y;

/** Go's `strconv.Unquote` of a string or character constant; undefined when the syntax is invalid. */
export function unquote(text: string): string | undefined {
  const mark = text[0] ?? '';
  const body = text.slice(1, -1);
  if (mark === '`') return body.includes('\r') ? body.replaceAll('\r', '') : body;
  if (!body.includes('\\')) return body.isWellFormed() ? body : rejoin(body);
  const bytes: Buffer[] = [];
  for (let index = 0; index < body.length; ) {
    if (body[index] !== '\\') {
      const end = body.indexOf('\\', index);
      bytes.push(Buffer.from(body.slice(index, end < 0 ? undefined : end)));
      index = end < 0 ? body.length : end;
      continue;
    }
    escapePattern.lastIndex = index;
    const match = escapePattern.exec(body);
    const value = match === null ? undefined : escapedBytes(match, mark);
    if (match === null || value === undefined) return undefined;
    bytes.push(value);
    index += match[0].length;
  }
  return textOf(Buffer.concat(bytes));
}

function escapedBytes([, letter, hex, short, long, octal]: RegExpExecArray, mark: string): Buffer | undefined {
  if (letter === "'" || letter === '"') return letter === mark ? Buffer.from(letter) : undefined;
  if (letter !== undefined) return Buffer.from(simple[letter] ?? '');
  if (hex !== undefined) return Buffer.from([Number.parseInt(hex, 16)]);
  if (octal !== undefined) {
    const byte = Number.parseInt(octal, 8);
    return byte > 255 ? undefined : Buffer.from([byte]);
  }
  const code = Number.parseInt(short ?? long ?? '', 16);
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
  return Buffer.from(String.fromCodePoint(code));
}
