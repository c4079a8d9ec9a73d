import { compileGlob, type Glob } from './glob.ts';

/** One line of an ignore file, bound to the directory (`domain`) that it speaks of. */
export interface IgnorePattern {
  readonly domain: readonly string[];
  /** `!`: brings a path back. */
  readonly includes: boolean;
  /** Judges the components of a path from the root. `undefined` means that the pattern says nothing about it. */
  match(path: readonly string[], isDirectory: boolean): 'exclude' | 'include' | undefined;
}

type Component = '' | '**' | 'never' | Glob;

/** Parses the lines of an ignore file in the manner of go-git (SRC-IGN-04); blank lines and comments are left out. */
export function parseIgnorePatterns(text: string, domain: readonly string[] = []): IgnorePattern[] {
  return text
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => !line.startsWith('#') && line.trim() !== '')
    .map((line) => parseIgnorePattern(line, domain));
}

function parseIgnorePattern(line: string, domain: readonly string[]): IgnorePattern {
  const includes = line.startsWith('!');
  let text = includes ? line.slice(1) : line;
  if (!text.endsWith('\\ ')) text = text.replace(/(?<! ) +$/, '');
  const directoryOnly = text.endsWith('/');
  if (directoryOnly) text = text.slice(0, -1);
  const matches = text.includes('/') ? anchored(text, directoryOnly) : anyComponent(text, directoryOnly);
  return {
    domain,
    includes,
    match(path, isDirectory) {
      if (path.length <= domain.length || domain.some((part, index) => path[index] !== part)) return undefined;
      if (!matches(path.slice(domain.length), isDirectory)) return undefined;
      return includes ? 'include' : 'exclude';
    },
  };
}

type Matcher = (path: readonly string[], isDirectory: boolean) => boolean;

/** Without a slash: any component at any depth matches, so what lies below a matching directory is covered too. */
function anyComponent(text: string, directoryOnly: boolean): Matcher {
  const glob = compileGlob(text);
  if (glob === undefined) return () => false;
  return (path, isDirectory) => {
    const index = path.findIndex((name) => glob(name));
    return index >= 0 && !(directoryOnly && !isDirectory && index === path.length - 1);
  };
}

/** With a slash: one glob a component from the domain on; it also covers what lies below (SRC-IGN-05). */
function anchored(text: string, directoryOnly: boolean): Matcher {
  const components = text.split('/').map(compileComponent);
  const last = components.length - 1;
  return (path, isDirectory) => {
    let at = 0;
    let matched = false;
    let skipping = false;
    for (const [index, component] of components.entries()) {
      if (component === '' || component === '**') {
        if (component === '' || index < last) skipping = component === '**';
        continue;
      }
      if (component === 'never' || at >= path.length) return false;
      // `**` skips to the first component that matches and never comes back to try a later one, as go-git does.
      const found = skipping ? path.findIndex((name, position) => position >= at && component(name)) : at;
      matched = found >= 0 && component(path[found]!);
      if (!matched && !skipping) return false;
      at = found < 0 ? path.length : found + 1;
      skipping = false;
    }
    return matched && !(directoryOnly && !isDirectory && at === path.length);
  };
}

/** go-git knows `**` only as a whole component; one that merely contains it, or a malformed one, matches nothing. */
function compileComponent(text: string): Component {
  if (text === '' || text === '**') return text;
  return text.includes('**') ? 'never' : (compileGlob(text) ?? 'never');
}
