import type { Issues } from './issues.ts';

export type TokenKind = 'name' | 'quoted' | 'int' | 'uint' | 'float' | 'string' | 'bytes' | 'operator' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
}

const escapes = String.raw`\\(?:[abfnrtv"'\\?\x60]|[xX][\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-3][0-7]{2})`;
const strings = [
  String.raw`[rR]"""[\s\S]*?"""`,
  String.raw`[rR]'''[\s\S]*?'''`,
  String.raw`[rR]"[^"\n\r]*"`,
  String.raw`[rR]'[^'\n\r]*'`,
  String.raw`"""(?:${escapes}|[^\\])*?"""`,
  String.raw`'''(?:${escapes}|[^\\])*?'''`,
  String.raw`"(?:${escapes}|[^\\"\n\r])*"`,
  String.raw`'(?:${escapes}|[^\\'\n\r])*'`,
].join('|');

const patterns: readonly (readonly [TokenKind | 'space', RegExp])[] = [
  ['space', /(?:[\t\n\f\r ]+|\/\/[^\n]*)+/y],
  ['bytes', new RegExp(`[bB](?:${strings})`, 'y')],
  ['string', new RegExp(strings, 'y')],
  ['name', /[A-Za-z_]\w*/y],
  ['float', /\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?/y],
  ['uint', /0x[\da-fA-F]+[uU]|\d+[uU]/y],
  ['int', /0x[\da-fA-F]+|\d+/y],
  ['quoted', /`[\w./ -]+`/y],
  ['operator', /[=!<>]=|&&|\|\||[[\]{}().,:?+*/%<>!-]/y],
];

/** These are words of the language and no names. */
const words: ReadonlySet<string> = new Set(['in', 'true', 'false', 'null']);

/** Cuts an expression into tokens; what is none is reported and passed over. */
export function tokenize(expression: string, issues: Issues): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < expression.length) {
    const [kind, text] = match(expression, at);
    if (kind === undefined) {
      issues.report(
        at,
        `Syntax error: token recognition error at: '${text.replaceAll('\n', '\\n').replaceAll('\t', '\\t')}'`,
      );
    } else if (kind !== 'space') {
      tokens.push({ kind: words.has(text) ? 'operator' : kind, text, at });
    }
    at += text.length;
  }
  tokens.push({ kind: 'end', text: '<EOF>', at });
  return tokens;
}

function match(expression: string, at: number): [TokenKind | 'space' | undefined, string] {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(expression);
    if (found) return [kind, found[0]];
  }
  return [undefined, unreadable(expression, at)];
}

const beginnings = new RegExp(
  String.raw`"(?:${escapes}|[^\\"\n\r])*(?:\\[xXuU]?[\s\S]?|[\s\S])?|'(?:${escapes}|[^\\'\n\r])*(?:\\[xXuU]?[\s\S]?|[\s\S])?|[=&|][\s\S]?|\x60[\w./ -]*[\s\S]?|[\s\S]`,
  'uy',
);

/** As far as it looked like a token, and the character that fits none. */
function unreadable(expression: string, at: number): string {
  beginnings.lastIndex = at;
  return beginnings.exec(expression)![0];
}
