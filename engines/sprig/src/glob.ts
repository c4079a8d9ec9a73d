import { compileRegexp } from '@flux/regexp';

const maxDepth = 20;

/** gobwas/glob with `/` as separator: `*`, `**`, `?`, `[a-c]`, `{a,b}`; undefined when the pattern is malformed. */
export function compileGlob(pattern: string): ((path: string) => boolean) | undefined {
  if (!/[\\?[\]{},]|\*\*/.test(pattern)) return compilePlain(pattern);
  const source = translate(pattern);
  if (source === undefined) return undefined;
  const regexp = compileRegexp(`(?s)^(?:${source})$`);
  return (path) => regexp.test(path);
}

/** Most globs are literals and `*`, for which no engine needs to be loaded. */
function compilePlain(pattern: string): (path: string) => boolean {
  const segments = pattern.split('/').map((segment) => segment.split('*'));
  return (path) => {
    const names = path.split('/');
    return names.length === segments.length && segments.every((pieces, index) => isMatch(pieces, names[index] ?? ''));
  };
}

/** Whether a name consists of the pieces with anything in between. */
function isMatch(pieces: readonly string[], name: string): boolean {
  const [first = '', ...others] = pieces;
  const last = others.pop();
  if (last === undefined) return name === first;
  const end = name.length - last.length;
  let position = first.length;
  if (position > end || !name.startsWith(first) || !name.endsWith(last)) return false;
  for (const piece of others) {
    const found = name.indexOf(piece, position);
    position = found + piece.length;
    if (found < 0 || position > end) return false;
  }
  return true;
}

function translate(pattern: string): string | undefined {
  let source = '';
  let depth = 0;
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index] ?? '';
    if (character === '*') {
      const isDouble = pattern[index + 1] === '*';
      source += isDouble ? '.*' : '[^/]*';
      while (pattern[index + 1] === '*') index++;
    } else if (character === '?') source += '[^/]';
    else if (character === '[') {
      const set = /^\[(!?)((?:\\.|[^\]\\])+)\]/.exec(pattern.slice(index));
      if (set === null) return undefined;
      source += `[${set[1] === '!' ? '^' : ''}${(set[2] ?? '').replace(/[[\]^&]/g, '\\$&')}]`;
      index += set[0].length - 1;
    } else if (character === '{') {
      if (++depth > maxDepth) return undefined;
      source += '(?:';
    } else if (character === '}' && depth > 0) {
      depth--;
      source += ')';
    } else if (character === ',' && depth > 0) source += '|';
    else source += escapeLiteral(character === '\\' ? (pattern[++index] ?? '') : character);
  }
  return depth === 0 ? source : undefined;
}

function escapeLiteral(character: string): string {
  return /[\\.+*?()|[\]{}^$]/.test(character) ? `\\${character}` : character;
}
