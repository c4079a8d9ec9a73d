import { EnvsubstError } from './envsubst-error.ts';
import { matchingPrefixes } from './glob.ts';

type Operator = (value: string, args: readonly string[]) => string;

/** Go maps rune by rune: a character whose other case is longer, such as ß, stays. */
function mapCase(text: string, change: (character: string) => string): string {
  return [...text].map((character) => singleCase(character, change)).join('');
}

function singleCase(character: string, change: (character: string) => string): string {
  const changed = change(character);
  return [...changed].length === 1 ? changed : character;
}

function mapFirst(text: string, change: (character: string) => string): string {
  const [first] = text;
  return first === undefined ? text : singleCase(first, change) + text.slice(first.length);
}

const lower = (character: string) => character.toLowerCase();
const upper = (character: string) => character.toUpperCase();

/** `:-`, `:=`, `=`, `:+` and `:?` are one function: the arguments when the value is empty or unset. */
const orDefault: Operator = (value, args) => (value === '' ? args.join('') : value);

/** Bytes, as in Go; what is no integer leaves the value as it is, as in bash. */
const substring: Operator = (value, args) => {
  const bytes = Buffer.from(value);
  const position = parseInteger(args[0]!);
  if (position === undefined) return value;
  const start = position < 0 ? Math.max(0, bytes.length + position) : position;
  if (args[1] === undefined) return bytes.subarray(start).toString();
  const length = parseInteger(args[1]);
  if (length === undefined) return value;
  if (start + length >= bytes.length) return bytes.subarray(start).toString();
  // Upstream crashes here (a slice out of range), so nobody can depend on a result.
  if (length < 0) throw new EnvsubstError(`substring length ${length} is negative`);
  return bytes.subarray(start, start + length).toString();
};

function parseInteger(text: string): number | undefined {
  return /^[+-]?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

const replaceFirst: Operator = (value, [old = '', by = '']) => value.replace(old, () => by);

const replaceAll: Operator = (value, [old = '', by = '']) => {
  if (old !== '') return value.replaceAll(old, () => by);
  return [...value].reduce((text, character) => `${text}${character}${by}`, by);
};

const replacePrefix: Operator = (value, [old = '', by]) =>
  by !== undefined && value.startsWith(old) ? by + value.slice(old.length) : value;

const replaceSuffix: Operator = (value, [old = '', by]) =>
  by !== undefined && value.endsWith(old) ? value.slice(0, value.length - old.length) + by : value;

function removePrefix(pick: (lengths: readonly number[]) => number | undefined): Operator {
  return (value, [pattern = '']) => {
    const characters = [...value];
    return characters.slice(pick(matchingPrefixes(pattern, characters)) ?? 0).join('');
  };
}

/** Upstream reverses text and pattern, so a set in the pattern is reversed too and mostly matches nothing. */
function removeSuffix(operator: Operator): Operator {
  const reverse = (text: string) => [...text].reverse().join('');
  return (value, [pattern = '']) => reverse(operator(reverse(value), [reverse(pattern)]));
}

const removeShortestPrefix = removePrefix((lengths) => lengths[0]);
const removeLongestPrefix = removePrefix((lengths) => lengths.at(-1));

/** The operators of `${name<operator>…}`; an unknown one acts as a default. */
const operators: Readonly<Record<string, Operator>> = {
  ',': (value) => mapFirst(value, lower),
  ',,': (value) => mapCase(value, lower),
  '^': (value) => mapFirst(value, upper),
  '^^': (value) => mapCase(value, upper),
  ':': substring,
  '#': (value, args) => (args.length === 0 ? String(Buffer.byteLength(value)) : removeShortestPrefix(value, args)),
  '##': removeLongestPrefix,
  '%': removeSuffix(removeShortestPrefix),
  '%%': removeSuffix(removeLongestPrefix),
  '/': replaceFirst,
  '//': replaceAll,
  '/#': replacePrefix,
  '/%': replaceSuffix,
};

/** Whether the operator says what an unset variable means, so that strict mode has nothing to complain about. */
export function providesDefault(operator: string): boolean {
  return ['=', ':=', ':-', ':+', ':?'].includes(operator);
}

export function applyOperator(operator: string, value: string, args: readonly string[]): string {
  return (operators[operator] ?? orDefault)(value, args);
}
