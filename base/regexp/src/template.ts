import type { RegexpMatch } from './match.ts';

const reference = /\$(?:\$|(\w+)|\{(\w+)\})/g;

/**
 * Go's Regexp.Expand: `$name` takes the longest name, `${name}` ends it, `$$` is a dollar; an unknown group is empty and a
 * dollar that starts nothing stays.
 */
export function expandTemplate(template: string, match: RegexpMatch): string {
  return template.replace(reference, (whole, bare?: string, braced?: string) => {
    const name = bare ?? braced;
    if (name === undefined) return whole === '$$' ? '$' : whole;
    const value = /^\d+$/.test(name) ? match.groups[Number(name)] : match.named[name];
    return value ?? '';
  });
}
