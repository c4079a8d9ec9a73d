type Token = { type: 'star' } | { type: 'one'; accepts: (character: string) => boolean };

/**
 * Lengths, in characters, of the prefixes of `text` that a glob matches, shortest first; the empty prefix never counts
 * (KUS-SUB-20). One pass over the text whatever the pattern, so that no pattern is slow. A malformed pattern matches nothing.
 */
export function matchingPrefixes(pattern: string, text: readonly string[]): number[] {
  const tokens = tokenize([...pattern]);
  if (tokens === undefined) return [];
  const lengths: number[] = [];
  let states = follow(new Set([0]), tokens);
  for (let index = 0; index < text.length && states.size > 0; index++) {
    states = advance(states, tokens, text[index]!);
    if (states.has(tokens.length)) lengths.push(index + 1);
  }
  return lengths;
}

function advance(states: ReadonlySet<number>, tokens: readonly Token[], character: string): Set<number> {
  const next = new Set<number>();
  for (const state of states) {
    const token = tokens[state];
    if (token?.type === 'star') next.add(state);
    else if (token?.accepts(character)) next.add(state + 1);
  }
  return follow(next, tokens);
}

/** A star may match nothing. */
function follow(states: Set<number>, tokens: readonly Token[]): Set<number> {
  for (const state of states) if (tokens[state]?.type === 'star') states.add(state + 1);
  return states;
}

function tokenize(pattern: readonly string[]): Token[] | undefined {
  const tokens: Token[] = [];
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index]!;
    if (character === '*') tokens.push({ type: 'star' });
    else if (character === '?') tokens.push({ type: 'one', accepts: () => true });
    else if (character === '[') {
      const set = parseSet(pattern, index + 1);
      if (set === undefined) return undefined;
      tokens.push({ type: 'one', accepts: set.accepts });
      index = set.end;
    } else {
      const literal = character === '\\' ? pattern[++index] : character;
      if (literal === undefined) return undefined;
      tokens.push({ type: 'one', accepts: (other) => other === literal });
    }
  }
  return tokens;
}

function parseSet(
  pattern: readonly string[],
  start: number,
): { accepts: (character: string) => boolean; end: number } | undefined {
  let index = start;
  const negated = pattern[index] === '^';
  if (negated) index++;
  const ranges: [string, string][] = [];
  const read = (): string | undefined => {
    const character = pattern[index++];
    if (character === '-' || character === ']') return undefined;
    return character === '\\' ? pattern[index++] : character;
  };
  while (pattern[index] !== ']' || ranges.length === 0) {
    const low = read();
    if (low === undefined || index >= pattern.length) return undefined;
    let high: string | undefined = low;
    if (pattern[index] === '-') {
      index++;
      high = read();
      if (high === undefined || index >= pattern.length) return undefined;
    }
    ranges.push([low, high]);
  }
  const contains = (character: string) => ranges.some(([low, high]) => low <= character && character <= high);
  return { accepts: (character) => contains(character) !== negated, end: index };
}
