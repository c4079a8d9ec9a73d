import { createRequire } from 'node:module';
import { FluxError, messageOf } from '@flux/errors';
import type { RE2JS } from 're2js';
import type { RegexpMatch } from './match.ts';
import { simplePattern } from './simple-pattern.ts';
import { expandTemplate } from './template.ts';

/** A pattern that RE2 does not take; the text is Go's `error parsing regexp: …`. */
export class RegexpError extends FluxError {
  override readonly code = 'REGEXP';
}

/** A compiled pattern in RE2's syntax; matching takes time linear in the text, whatever the pattern. */
export interface Regexp {
  readonly source: string;
  /** Whether the pattern occurs in the text; with `anchored`, whether it is the whole text. */
  test(text: string): boolean;
  find(text: string): RegexpMatch | undefined;
  findAll(text: string): RegexpMatch[];
  /** Replaces every match; `$1`, `$name` and `${name}` mean what they mean to Go's Expand. */
  replaceAll(text: string, template: string): string;
}

export interface RegexpOptions {
  /** The pattern must match the whole text, as kustomize's selectors do. */
  anchored?: boolean;
}

const literal = /^[\w\s/:@,;=<>!"'#%&~-]*$/;
/** In texts of ASCII up to this length JavaScript finds what RE2 does, and no repetition that is simple takes long. */
const shortText = /^[\0-\x7f]{0,100}$/;
const require = createRequire(import.meta.url);

/** Compiles a pattern; throws `RegexpError`. A simple pattern does not load the engine, which takes a while, for short texts. */
export function compileRegexp(pattern: string, options: RegexpOptions = {}): Regexp {
  const anchored = options.anchored ?? false;
  if (literal.test(pattern)) return new LiteralRegexp(pattern, anchored);
  const simple = anchored ? undefined : simplePattern(pattern);
  if (simple !== undefined) return new SimpleRegexp(pattern, simple);
  return new CompiledRegexp(pattern, anchored);
}

class LiteralRegexp implements Regexp {
  readonly source: string;
  readonly #anchored: boolean;

  constructor(source: string, anchored: boolean) {
    this.source = source;
    this.#anchored = anchored;
  }

  test(text: string): boolean {
    return this.#anchored ? text === this.source : text.includes(this.source);
  }

  find(text: string): RegexpMatch | undefined {
    return this.findAll(text)[0];
  }

  findAll(text: string): RegexpMatch[] {
    return new CompiledRegexp(this.source, this.#anchored).findAll(text);
  }

  replaceAll(text: string, template: string): string {
    return new CompiledRegexp(this.source, this.#anchored).replaceAll(text, template);
  }
}

/** A pattern that JavaScript reads as RE2 does, for texts so short that backtracking does not matter. */
class SimpleRegexp implements Regexp {
  readonly source: string;
  readonly #pattern: RegExp;
  #compiled: CompiledRegexp | undefined;

  constructor(source: string, pattern: RegExp) {
    this.source = source;
    this.#pattern = pattern;
  }

  test(text: string): boolean {
    return shortText.test(text) ? text.search(this.#pattern) >= 0 : this.#engine().test(text);
  }

  find(text: string): RegexpMatch | undefined {
    if (!shortText.test(text)) return this.#engine().find(text);
    const [match] = text.matchAll(this.#pattern);
    return match === undefined ? undefined : readMatch(match);
  }

  findAll(text: string): RegexpMatch[] {
    if (!shortText.test(text)) return this.#engine().findAll(text);
    const matches: RegexpMatch[] = [];
    let end = -1;
    for (const found of text.matchAll(this.#pattern)) {
      const match = readMatch(found);
      // Go leaves out an empty match right behind another one.
      if (match.start === match.end && match.start === end) continue;
      end = match.end;
      matches.push(match);
    }
    return matches;
  }

  replaceAll(text: string, template: string): string {
    return replaceMatches(text, this.findAll(text), template);
  }

  #engine(): CompiledRegexp {
    this.#compiled ??= new CompiledRegexp(this.source, false);
    return this.#compiled;
  }
}

function readMatch(match: RegExpExecArray): RegexpMatch {
  return { start: match.index, end: match.index + match[0].length, groups: [...match], named: {} };
}

function replaceMatches(text: string, matches: readonly RegexpMatch[], template: string): string {
  let result = '';
  let position = 0;
  for (const match of matches) {
    result += text.slice(position, match.start) + expandTemplate(template, match);
    position = match.end;
  }
  return result + text.slice(position);
}

class CompiledRegexp implements Regexp {
  readonly source: string;
  readonly #anchored: boolean;
  readonly #compiled: RE2JS;
  readonly #names: readonly (readonly [string, number])[];

  constructor(source: string, anchored: boolean) {
    this.source = source;
    this.#anchored = anchored;
    this.#compiled = compile(source);
    this.#names = Object.entries(this.#compiled.namedGroups()).map(([name, index]) => [originalName(name), index]);
  }

  test(text: string): boolean {
    return this.#anchored ? this.#compiled.testExact(text) : this.#compiled.test(text);
  }

  find(text: string): RegexpMatch | undefined {
    const matcher = this.#compiled.matcher(text);
    return (this.#anchored ? matcher.matches() : matcher.find()) ? this.#read(matcher) : undefined;
  }

  findAll(text: string): RegexpMatch[] {
    if (this.#anchored) {
      const match = this.find(text);
      return match ? [match] : [];
    }
    const matcher = this.#compiled.matcher(text);
    const matches: RegexpMatch[] = [];
    let end = -1;
    while (matcher.find()) {
      // Go leaves out an empty match right behind another one.
      if (matcher.start() === matcher.end() && matcher.start() === end) continue;
      end = matcher.end();
      matches.push(this.#read(matcher));
    }
    return matches;
  }

  replaceAll(text: string, template: string): string {
    return replaceMatches(text, this.findAll(text), template);
  }

  #read(matcher: ReturnType<RE2JS['matcher']>): RegexpMatch {
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? undefined);
    const named: Record<string, string | undefined> = Object.create(null);
    for (const [name, index] of this.#names) named[name] ??= groups[index];
    return { start: matcher.start(), end: matcher.end(), groups, named };
  }
}

function compile(pattern: string): RE2JS {
  const { RE2JS: Engine }: typeof import('re2js') = require('re2js');
  try {
    return Engine.compile(pattern);
  } catch (error) {
    const message = messageOf(error);
    const renamed = message.includes('duplicate capture group name') ? renameRepeated(pattern) : pattern;
    if (renamed !== pattern) return compile(renamed);
    // Go names the part of the pattern that is wrong, which is nothing here.
    throw new RegexpError(message.replace(/(trailing backslash at end of expression)$/, '$1: ``'), { cause: error });
  }
}

const groupOrLiteral = /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[\^?\]?(?:\[:\w+:\]|\\[\s\S]|[^\]\\])*\]|\(\?P?<(\w+)>/g;

/** Go lets groups share a name; the engine does not, so that later ones get a name of their own. */
function renameRepeated(pattern: string): string {
  const seen = new Set<string>();
  let repeats = 0;
  return pattern.replace(groupOrLiteral, (whole, name?: string) => {
    if (name === undefined) return whole;
    if (!seen.has(name)) {
      seen.add(name);
      return whole;
    }
    repeats += 1;
    return `(?P<${name}${repeatedMark}${repeats}>`;
  });
}

const repeatedMark = '__again';

function originalName(name: string): string {
  const mark = name.lastIndexOf(repeatedMark);
  return mark < 0 ? name : name.slice(0, mark);
}
