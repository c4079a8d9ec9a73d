type TokenKind =
  | 'error'
  | 'end'
  | 'identifier'
  | ')'
  | ','
  | '!'
  | '=='
  | '='
  | '>'
  | 'in'
  | '<'
  | '!='
  | 'notin'
  | '(';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const symbols = new Set(['==', '!=', '=', '!', '(', ')', ',', '>', '<']);

/** Splits a label selector as the server does: symbols are taken as long as they get longer (`==`, `!=`). */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  for (;;) {
    while (/^[ \t\r\n]$/.test(text[position] ?? '')) position++;
    if (position >= text.length) break;
    const token = isSymbol(text[position]) ? symbolAt(text, position) : wordAt(text, position);
    position += token.text.length;
    tokens.push(token);
  }
  return [...tokens, { kind: 'end', text: '' }];
}

function isSymbol(char: string | undefined): boolean {
  return char !== undefined && '=!(),><'.includes(char);
}

function symbolAt(text: string, start: number): Token {
  const two = text.slice(start, start + 2);
  const symbol = symbols.has(two) ? two : text.slice(start, start + 1);
  return { kind: symbol as TokenKind, text: symbol };
}

function wordAt(text: string, start: number): Token {
  let end = start;
  while (end < text.length && !isSymbol(text[end]) && !/^[ \t\r\n]$/.test(text[end] ?? '')) end++;
  const word = text.slice(start, end);
  return { kind: word === 'in' || word === 'notin' ? word : 'identifier', text: word };
}
