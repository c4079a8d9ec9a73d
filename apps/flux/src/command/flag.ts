import { formatDuration, parseDuration } from '@flux/gotypes';
import { UsageError } from './errors.ts';

/** A flag as pflag knows it: how its text becomes a value, and how help shows it. */
export interface Flag<T = unknown> {
  readonly doc: string;
  readonly short?: string;
  readonly hidden?: boolean;
  /** The word after the name in help (`string`, `duration`); empty for switches. */
  readonly typeName: string;
  readonly initial: T;
  /** Default as help shows it; empty hides it. */
  readonly shownDefault: string;
  /** Value of the flag without an argument; flags that have it never take the next word. */
  readonly implied?: string;
  /** The new value after one use. Throws with the reason alone. */
  accept(text: string, current: T, isFirst: boolean): T;
  /** Words to complete an argument with. */
  readonly choices?: readonly string[];
}

export type FlagSet = Readonly<Record<string, Flag>>;

/** A command without flags. */
export type NoFlags = Readonly<Record<never, Flag>>;

export type FlagValues<F extends FlagSet> = {
  readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never;
};

interface FlagOptions<T> {
  short?: string;
  default?: T;
  hidden?: boolean;
}

export function boolFlag(doc: string, options: FlagOptions<boolean> = {}): Flag<boolean> {
  const initial = options.default ?? false;
  return {
    ...described(doc, options),
    typeName: '',
    initial,
    shownDefault: initial ? 'true' : '',
    implied: 'true',
    accept: parseBool,
  };
}

export function stringFlag(doc: string, options: FlagOptions<string> & { typeName?: string } = {}): Flag<string> {
  const initial = options.default ?? '';
  return {
    ...described(doc, options),
    typeName: options.typeName ?? 'string',
    initial,
    shownDefault: initial === '' ? '' : JSON.stringify(initial),
    accept: (text) => text,
  };
}

/** Comma-separated and repeatable. The first use replaces the default. */
export function listFlag(doc: string, options: FlagOptions<readonly string[]> = {}): Flag<readonly string[]> {
  const initial = options.default ?? [];
  return {
    ...described(doc, options),
    typeName: 'strings',
    initial,
    shownDefault: initial.length > 0 ? `[${initial.join(',')}]` : '',
    accept: (text, current, isFirst) => [...(isFirst ? [] : current), ...splitCommas(text)],
  };
}

/** Repeatable; commas are ordinary characters. */
export function repeatedFlag(doc: string, options: FlagOptions<readonly string[]> = {}): Flag<readonly string[]> {
  return {
    ...described(doc, options),
    typeName: 'stringArray',
    initial: options.default ?? [],
    shownDefault: '',
    accept: (text, current, isFirst) => [...(isFirst ? [] : current), text],
  };
}

export function intFlag(
  doc: string,
  options: FlagOptions<number> & { typeName?: 'int' | 'float32' } = {},
): Flag<number> {
  const initial = options.default ?? 0;
  const typeName = options.typeName ?? 'int';
  return {
    ...described(doc, options),
    typeName,
    initial,
    shownDefault: initial === 0 ? '' : String(initial),
    accept: typeName === 'int' ? parseInteger : parseFloat32,
  };
}

/** A Go duration; the value is milliseconds. */
export function durationFlag(doc: string, options: { short?: string; default?: string } = {}): Flag<number> {
  const initial = parseDuration(options.default ?? '0s');
  return {
    ...described(doc, options),
    typeName: 'duration',
    initial,
    shownDefault: initial === 0 ? '' : formatDuration(initial),
    accept: (text) => parseDuration(text),
  };
}

/** One of some words; `what` names the thing in the error (`log level`). */
export function enumFlag<const V extends string>(
  doc: string,
  choices: readonly V[],
  options: { short?: string; default?: V; refuse: (text: string) => string },
): Flag<V | ''> {
  const initial = options.default ?? '';
  return {
    ...described(doc, options),
    typeName: choices.join('|'),
    initial,
    shownDefault: initial,
    choices,
    accept: (text) => {
      const choice = choices.find((each) => each === text.toLowerCase() || each === text);
      if (choice === undefined) throw new UsageError(options.refuse(text));
      return choice;
    },
  };
}

/** A flag whose text passes through a check of its own. */
export function checkedFlag(
  doc: string,
  typeName: string,
  check: (text: string) => string,
  options: FlagOptions<string> = {},
): Flag<string> {
  const initial = options.default ?? '';
  return { ...described(doc, options), typeName, initial, shownDefault: initial, accept: check };
}

function described(doc: string, { short, hidden }: { short?: string; hidden?: boolean }) {
  return { doc, ...(short ? { short } : {}), ...(hidden ? { hidden } : {}) };
}

function parseBool(text: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  throw new UsageError(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function parseInteger(text: string): number {
  if (/^[+-]?\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function parseFloat32(text: string): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  throw new UsageError(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`);
}

/** One line of CSV as pflag's string slices read it: quotes may enclose commas. */
function splitCommas(text: string): string[] {
  if (text === '') return [];
  if (!text.includes('"')) return text.split(',');
  const fields: string[] = [];
  for (const [, quoted, plain] of text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    fields.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
  }
  return fields;
}
