import { fn, type GoFunction, type GoInt, nilList, quote, stringList } from '@flux/gotemplate';
import { compileRegexp, type Regexp } from '@flux/regexp';
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
      const found = compile(pattern)
        .findAll(text)
        .map(({ groups }) => groups[0] ?? '');
      const kept = count.value < 0n ? found : found.slice(0, toNumber(count));
      return kept.length === 0 ? nilList('[]string') : stringList(kept);
    });
    functions[`${prefix}ReplaceAll`] = fn('string, string, string', (pattern: string, text: string, by: string) => {
      return compile(pattern).replaceAll(text, by);
    });
    functions[`${prefix}ReplaceAllLiteral`] = fn(
      'string, string, string',
      (pattern: string, text: string, by: string) => {
        return compile(pattern).replaceAll(text, by.replaceAll('$', '$$$$'));
      },
    );
    functions[`${prefix}Split`] = fn('string, string, int', (pattern: string, text: string, count: GoInt) => {
      const parts = split(compile(pattern), text, toNumber(count));
      return parts.length === 0 ? nilList('[]string') : stringList(parts);
    });
  }
  return functions;
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
  for (const match of regexp.findAll(text)) {
    if (count > 0 && parts.length === count - 1) break;
    end = match.start;
    if (match.end !== 0) parts.push(text.slice(start, end));
    start = match.end;
  }
  if (end !== text.length) parts.push(text.slice(start));
  return parts;
}
