type Token =
  | { type: 'literal'; char: string }
  | { type: 'any' }
  | { type: 'star' }
  | { type: 'class'; negated: boolean; ranges: (readonly [number, number])[] };

/** Tells whether a whole name matches. */
export type Glob = (name: string) => boolean;

/**
 * Compiles a pattern of Go's `filepath.Match` (`* ? [a-z] [^a] \x`) for one path component; `undefined` when it is malformed.
 * Matching takes at most length × length steps, whatever the pattern.
 */
export function compileGlob(pattern: string): Glob | undefined {
  const tokens = tokenize([...pattern]);
  if (tokens === undefined) return undefined;
  if (tokens.every((token) => token.type === 'literal')) {
    const text = tokens.map((token) => token.char).join('');
    return (name) => name === text;
  }
  return (name) => matches(tokens, [...name]);
}

function tokenize(chars: string[]): Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at]!;
    if (char === '*') {
      if (tokens.at(-1)?.type !== 'star') tokens.push({ type: 'star' });
    } else if (char === '?') tokens.push({ type: 'any' });
    else if (char === '[') {
      const found = readClass(chars, at + 1);
      if (found === undefined) return undefined;
      tokens.push(found.token);
      at = found.end;
    } else {
      const literal = char === '\\' ? chars[++at] : char;
      if (literal === undefined) return undefined;
      tokens.push({ type: 'literal', char: literal });
    }
  }
  return tokens;
}

function readClass(chars: string[], start: number): { token: Token; end: number } | undefined {
  let at = start;
  const negated = chars[at] === '^';
  if (negated) at++;
  const ranges: [number, number][] = [];
  while (chars[at] !== ']' || ranges.length === 0) {
    const low = readClassChar(chars, at);
    if (low === undefined) return undefined;
    at = low.next;
    let high = low;
    if (chars[at] === '-') {
      const end = readClassChar(chars, at + 1);
      if (end === undefined) return undefined;
      high = end;
      at = end.next;
    }
    ranges.push([low.code, high.code]);
  }
  return { token: { type: 'class', negated, ranges }, end: at };
}

function readClassChar(chars: string[], at: number): { code: number; next: number } | undefined {
  const escaped = chars[at] === '\\';
  const char = chars[escaped ? at + 1 : at];
  if (char === undefined || (!escaped && (char === '-' || char === ']'))) return undefined;
  return { code: char.codePointAt(0)!, next: at + (escaped ? 2 : 1) };
}

/** Greedy with one point of return, the last star: the classic linear-space matcher. */
function matches(tokens: readonly Token[], name: readonly string[]): boolean {
  let token = 0;
  let at = 0;
  let star = -1;
  let resume = 0;
  while (at < name.length) {
    const current = tokens[token];
    if (current?.type === 'star') {
      star = token++;
      resume = at;
    } else if (current !== undefined && accepts(current, name[at]!)) {
      token++;
      at++;
    } else if (star >= 0) {
      token = star + 1;
      at = ++resume;
    } else return false;
  }
  while (tokens[token]?.type === 'star') token++;
  return token === tokens.length;
}

function accepts(token: Token, char: string): boolean {
  if (token.type === 'literal') return token.char === char;
  if (token.type !== 'class') return token.type === 'any';
  const code = char.codePointAt(0)!;
  return token.ranges.some(([low, high]) => low <= code && code <= high) !== token.negated;
}
