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

export interface QuoteOptions {
  /** Escapes everything beyond ASCII, as `strconv.QuoteToASCII` does. */
  ascii?: boolean;
  /** What stands around the text; a single quote for characters. */
  mark?: string;
}

/** Text in quotes as Go's `%q` and `strconv.Quote` write it. */
export function quoteGo(text: string, { ascii = false, mark = '"' }: QuoteOptions = {}): string {
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
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80 ? code >= 0x20 && code < 0x7f : !ascii && isPrintable(character)) return character;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}
