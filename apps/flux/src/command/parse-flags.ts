import { causeChain } from '@flux/errors';
import { UsageError } from './errors.ts';
import type { Flag } from './flag.ts';

export interface ParsedFlags {
  readonly values: Readonly<Record<string, unknown>>;
  readonly changed: ReadonlySet<string>;
  readonly args: readonly string[];
}

/** Reads flags as pflag does: interspersed with arguments, `--` ends them, shorthands may be joined. */
export function parseFlags(words: readonly string[], flags: ReadonlyMap<string, Flag>): ParsedFlags {
  const reader = new FlagReader(flags);
  const args: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') {
      args.push(...words.slice(at + 1));
      break;
    }
    if (word.length < 2 || !word.startsWith('-')) args.push(word);
    else if (word.startsWith('--')) at += reader.long(word, words[at + 1]);
    else at += reader.short(word, words[at + 1]);
  }
  return { values: reader.values, changed: reader.changed, args };
}

class FlagReader {
  readonly values: Record<string, unknown>;
  readonly changed = new Set<string>();
  readonly #flags: ReadonlyMap<string, Flag>;

  constructor(flags: ReadonlyMap<string, Flag>) {
    this.#flags = flags;
    this.values = Object.fromEntries([...flags].map(([name, flag]) => [name, flag.initial]));
  }

  /** Returns how many following words were taken. */
  long(word: string, next: string | undefined): number {
    const [, name = '', given] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === '' || name.startsWith('-')) throw new UsageError(`bad flag syntax: ${word}`);
    const flag = this.#flags.get(name);
    if (!flag) throw new UsageError(`unknown flag: --${name}`);
    if (given !== undefined) return this.#set(name, flag, given, 0);
    if (flag.implied !== undefined) return this.#set(name, flag, flag.implied, 0);
    if (next === undefined) throw new UsageError(`flag needs an argument: --${name}`);
    return this.#set(name, flag, next, 1);
  }

  short(word: string, next: string | undefined): number {
    const letters = [...word.slice(1)];
    for (const [at, letter] of letters.entries()) {
      const [name, flag] = this.#byLetter(letter) ?? [];
      if (!name || !flag) throw new UsageError(`unknown shorthand flag: '${letter}' in ${word}`);
      const rest = letters.slice(at + 1).join('');
      if (rest.startsWith('=')) return this.#set(name, flag, rest.slice(1), 0);
      if (flag.implied !== undefined) this.#set(name, flag, flag.implied, 0);
      else if (rest !== '') return this.#set(name, flag, rest, 0);
      else if (next === undefined) throw new UsageError(`flag needs an argument: '${letter}' in ${word}`);
      else return this.#set(name, flag, next, 1);
    }
    return 0;
  }

  #byLetter(letter: string): [string, Flag] | undefined {
    return [...this.#flags].find(([, { short }]) => short === letter);
  }

  #set(name: string, flag: Flag, text: string, taken: number): number {
    try {
      this.values[name] = flag.accept(text, this.values[name], !this.changed.has(name));
    } catch (error) {
      const shown = flag.short ? `-${flag.short}, --${name}` : `--${name}`;
      throw new UsageError(`invalid argument ${JSON.stringify(text)} for "${shown}" flag: ${causeChain(error)[0]}`);
    }
    this.changed.add(name);
    return taken;
  }
}
