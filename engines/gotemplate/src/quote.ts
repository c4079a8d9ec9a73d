import { escapedByte, rejoin, textOf } from './byte-text.ts';

const escapes: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

const special = /["'`\\]|[^\x20-\x7e]/gu;

/** Go's `strconv.Quote`, or with `ascii` its `QuoteToASCII`. */
export function quote(text: string, options: { ascii?: boolean; mark?: string } = {}): string {
  const mark = options.mark ?? '"';
  const ascii = options.ascii ?? false;
  return mark + text.replace(special, (character) => quoteCharacter(character, mark, ascii)) + mark;
}

/** Go's `strconv.IsPrint`. */
export function isPrintable(character: string): boolean {
  return character === ' ' || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character);
}

function quoteCharacter(character: string, mark: string, ascii: boolean): string {
  if (character === mark) return `\\${character}`;
  const known = escapes[character];
  if (known !== undefined) return known;
  const byte = escapedByte(character);
  if (byte !== undefined) return `\\x${byte.toString(16)}`;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80 ? code >= 0x20 && code < 0x7f : !ascii && isPrintable(character)) return character;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
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
