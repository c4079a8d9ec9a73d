import { ChartError } from './chart-error.ts';
import { pathGlob } from './path-glob.ts';

/** Whether a path of a chart folder is left out of the chart. */
export type HelmIgnore = (path: string, isDirectory: boolean) => boolean;

interface Rule {
  negated: boolean;
  directoryOnly: boolean;
  matches: (path: string) => boolean;
}

/** The rules of a `.helmignore` and the one that always holds; the first that matches decides (HELM-LOAD-05). */
export function helmIgnore(text: string): HelmIgnore {
  const lines = text.replace(/^\ufeff/, '').split('\n');
  const rules = [...lines, 'templates/.?*'].flatMap(parseRule);
  return (path, isDirectory) => {
    for (const { negated, directoryOnly, matches } of rules) {
      if (negated) {
        // Upstream ignores whatever a negated rule does not match.
        if ((directoryOnly && !isDirectory) || !matches(path)) return true;
      } else if ((!directoryOnly || isDirectory) && matches(path)) return true;
    }
    return false;
  };
}

function parseRule(line: string): Rule[] {
  const rule = line.trim();
  if (rule === '' || rule.startsWith('#')) return [];
  if (rule.includes('**')) throw new ChartError('double-star (**) syntax is not supported');
  const negated = rule.startsWith('!');
  const directoryOnly = rule.endsWith('/');
  const pattern = rule.slice(negated ? 1 : 0, directoryOnly ? -1 : undefined);
  return [{ negated, directoryOnly, matches: matcher(pattern) }];
}

/** With a slash the pattern is for the whole path, else for the last part of it. */
function matcher(pattern: string): (path: string) => boolean {
  const matches = pathGlob(pattern.replace(/^\//, ''));
  if (matches === undefined) throw new ChartError('syntax error in pattern');
  return pattern.includes('/') ? matches : (path) => matches(path.slice(path.lastIndexOf('/') + 1));
}
