import { compileRegexp } from '@flux/regexp';

const maxDepth = 20;

/** gobwas/glob with `/` as separator: `*`, `**`, `?`, `[a-c]`, `{a,b}`; undefined when the pattern is malformed. */
export function compileGlob(pattern: string): ((path: string) => boolean) | undefined {
  const source = translate(pattern);
  if (source === undefined) return undefined;
  const regexp = compileRegexp(`(?s)^(?:${source})$`);
  return (path) => regexp.test(path);
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
