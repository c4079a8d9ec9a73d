import { Buffer } from 'node:buffer';

/** A literal that says what cannot be. */
export class LiteralError extends Error {}

const simple: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const escapes = /\\(?:([abfnrtv"'\\?`])|[xX]([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-3][0-7]{2}))/g;

interface Quoted {
  readonly body: string;
  readonly isRaw: boolean;
}

function unquote(token: string): Quoted {
  const isRaw = /^[rR]/.test(token);
  const text = (isRaw ? token.slice(1) : token).replaceAll(/\r\n?/g, '\n');
  const width = /^("""|''')/.test(text) && text.length >= 6 ? 3 : 1;
  return { body: text.slice(width, -width), isRaw };
}

/** The text that a literal such as `'a\n'` or `r"\d"` stands for. */
export function textOf(token: string): string {
  const { body, isRaw } = unquote(token);
  if (isRaw) return body;
  return body.replace(escapes, (_, letter?: string, hex?: string, short?: string, long?: string, octal?: string) => {
    if (letter !== undefined) return simple[letter] ?? letter;
    return characterOf(octal === undefined ? Number.parseInt(hex ?? short ?? long!, 16) : Number.parseInt(octal, 8));
  });
}

function characterOf(code: number): string {
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw new LiteralError('invalid unicode code point');
  return String.fromCodePoint(code);
}

/** The bytes that `b'…'` stands for: escapes are bytes, other characters UTF-8. */
export function bytesOf(token: string): Uint8Array {
  const { body, isRaw } = unquote(token.slice(1));
  if (isRaw) return new Uint8Array(Buffer.from(body));
  const parts: Buffer[] = [];
  let end = 0;
  for (const match of body.matchAll(escapes)) {
    const [whole, letter, hex, short, long, octal] = match;
    if (short !== undefined || long !== undefined) throw new LiteralError('unable to unescape string');
    parts.push(Buffer.from(body.slice(end, match.index)));
    if (letter !== undefined) parts.push(Buffer.from(simple[letter] ?? letter));
    else parts.push(Buffer.from([octal === undefined ? Number.parseInt(hex!, 16) : Number.parseInt(octal, 8)]));
    end = match.index + whole.length;
  }
  return new Uint8Array(Buffer.concat([...parts, Buffer.from(body.slice(end))]));
}
