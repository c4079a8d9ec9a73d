import { fn, type GoFunction, type GoInt, quote, stringList } from '@flux/gotemplate';
import { compileRegexp, type Regexp, type RegexpMatch } from '@flux/regexp';
import { toNumber } from './cast.ts';

/** Compiled patterns: charts use few of them many times. */
class Patterns {
  readonly #known = new Map<string, Regexp>();

  get(pattern: string): Regexp {
    const known = this.#known.get(pattern);
    if (known !== undefined) return known;
    const compiled = compileRegexp(pattern);
    if (this.#known.size > 200) this.#known.clear();
    this.#known.set(pattern, compiled);
    return compiled;
  }
}

/** Functions on regular expressions; those without `must` panic in Go on a pattern that is none. */
export function regexFunctions(): Record<string, GoFunction> {
  const patterns = new Patterns();
  const must = (pattern: string) => patterns.get(pattern);
  const panic = (pattern: string) => {
    try {
      return patterns.get(pattern);
    } catch (error) {
      throw new TypeError(
        `regexp: Compile(${quoteLikeGo(pattern)}): ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  };
  const functions: Record<string, GoFunction> = {
    regexMatch: fn('string, string', (pattern: string, text: string) => isMatch(patterns, pattern, text)),
    mustRegexMatch: fn('string, string', (pattern: string, text: string) => must(pattern).test(text)),
    regexQuoteMeta: fn('string', (text: string) => text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')),
  };
  for (const [prefix, compile] of [
    ['regex', panic],
    ['mustRegex', must],
  ] as const) {
    functions[`${prefix}Find`] = fn(
      'string, string',
      (pattern: string, text: string) => compile(pattern).find(text)?.groups[0] ?? '',
    );
    functions[`${prefix}FindAll`] = fn('string, string, int', (pattern: string, text: string, count: GoInt) => {
      const found = findAll(compile(pattern), text).map(({ groups }) => groups[0] ?? '');
      return stringList(count.value < 0n ? found : found.slice(0, toNumber(count)));
    });
    functions[`${prefix}ReplaceAll`] = fn('string, string, string', (pattern: string, text: string, by: string) => {
      return replaceAll(compile(pattern), text, (match) => expand(by, match));
    });
    functions[`${prefix}ReplaceAllLiteral`] = fn(
      'string, string, string',
      (pattern: string, text: string, by: string) => {
        return replaceAll(compile(pattern), text, () => by);
      },
    );
    functions[`${prefix}Split`] = fn('string, string, int', (pattern: string, text: string, count: GoInt) => {
      return stringList(split(compile(pattern), text, toNumber(count)));
    });
  }
  return functions;
}

/** Go leaves out an empty match right behind another match. */
function findAll(regexp: Regexp, text: string): RegexpMatch[] {
  let end = -1;
  return regexp.findAll(text).filter((match) => {
    const counts = match.end > match.start || match.start !== end;
    if (counts) end = match.end;
    return counts;
  });
}

function replaceAll(regexp: Regexp, text: string, by: (match: RegexpMatch) => string): string {
  let out = '';
  let position = 0;
  for (const match of findAll(regexp, text)) {
    out += text.slice(position, match.start) + by(match);
    position = match.end;
  }
  return out + text.slice(position);
}

/** Go's Expand: `$1W` is the group of that whole name (TPL-FN-01). */
function expand(template: string, match: RegexpMatch): string {
  return template.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (whole, bare?: string, braced?: string) => {
    const name = bare ?? braced;
    if (name === undefined) return whole === '$$' ? '$' : whole;
    return (/^\d+$/.test(name) ? match.groups[Number(name)] : match.named[name]) ?? '';
  });
}

function isMatch(patterns: Patterns, pattern: string, text: string): boolean {
  try {
    return patterns.get(pattern).test(text);
  } catch {
    return false;
  }
}

function quoteLikeGo(pattern: string): string {
  return pattern.includes('`') ? quote(pattern) : `\`${pattern}\``;
}

/** Go's Regexp.Split. */
function split(regexp: Regexp, text: string, count: number): string[] {
  if (count === 0) return [];
  if (regexp.source !== '' && text === '') return [''];
  const parts: string[] = [];
  let [start, end] = [0, 0];
  for (const match of findAll(regexp, text)) {
    if (count > 0 && parts.length === count - 1) break;
    end = match.start;
    if (match.end !== 0) parts.push(text.slice(start, end));
    start = match.end;
  }
  if (end !== text.length) parts.push(text.slice(start));
  return parts;
}
