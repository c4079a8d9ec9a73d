import { quoteGo } from '@flux/gotypes';
import { compileRegexp, type Regexp } from '@flux/regexp';
import type { Environment } from '@marcbachmann/cel-js';
import { registerAuthorizer } from './authorizer.ts';
import { CelError } from './cel-error.ts';
import { formatString } from './format.ts';
import { registerKubernetesTypes } from './kubernetes.ts';
import { safeMatches } from './lower.ts';
import { registerLoweredFunctions } from './lowered-functions.ts';
import { registerFormats } from './named-formats.ts';
import { registerNetwork } from './network.ts';
import { registerObjectLiterals } from './object-literals.ts';
import { registerOptionals } from './optionals.ts';
import { areEqual, formatCelText } from './values.ts';
import { registerVersions } from './versions.ts';

type List = unknown[];
type Library = typeof import('@marcbachmann/cel-js');
type Ordered = bigint | number | string;

/** The functions of Kubernetes' CEL libraries (strings, lists, regex, sets, base64) that the engine does not bring. */
export function registerExtensions(environment: Environment, library: Library): void {
  registerRegex(environment);
  registerStrings(environment);
  registerLists(environment);
  registerNamespaces(environment);
  registerConversions(environment);
  registerKubernetesTypes(environment);
  registerNetwork(environment);
  registerVersions(environment);
  registerFormats(environment, library);
  registerAuthorizer(environment);
  registerObjectLiterals(environment);
  registerLoweredFunctions(environment);
  registerOptionals(environment, library);
}

function registerConversions(environment: Environment): void {
  for (const [name, type] of [
    ['duration', 'Duration'],
    ['timestamp', 'Timestamp'],
  ]) {
    const full = `google.protobuf.${type}`;
    environment.registerFunction(`${name}(${full}): ${full}`, (value: unknown) => value);
  }
  environment.registerFunction('string(google.protobuf.Timestamp): string', formatCelText);
  environment.registerFunction('string(google.protobuf.Duration): string', formatCelText);
}

function registerRegex(environment: Environment): void {
  const matches = (text: string, pattern: string) => cachedRegexp(pattern).test(text);
  const find = (text: string, pattern: string) => cachedRegexp(pattern).find(text)?.groups[0] ?? '';
  const findAll = (text: string, pattern: string, limit = -1n) => {
    const found = cachedRegexp(pattern).findAll(text);
    return (limit < 0n ? found : found.slice(0, Number(limit))).map(({ groups }) => groups[0]);
  };
  environment.registerFunction(`string.${safeMatches}(string): bool`, matches);
  environment.registerFunction(`${safeMatches}(string, string): bool`, matches);
  environment.registerFunction('string.find(string): string', find);
  environment.registerFunction('string.findAll(string): list', findAll);
  environment.registerFunction('string.findAll(string, int): list', findAll);
}

const maxRange = 10_000n;
const maxCached = 256;
const regexps = new Map<string, Regexp>();

/** Rules are evaluated again and again with the same few patterns. */
function cachedRegexp(pattern: string): Regexp {
  const known = regexps.get(pattern);
  if (known !== undefined) return known;
  const compiled = compileRegexp(pattern);
  if (regexps.size >= maxCached) regexps.clear();
  regexps.set(pattern, compiled);
  return compiled;
}

function registerStrings(environment: Environment): void {
  environment.registerFunction('string.charAt(int): string', (text: string, index: bigint) => {
    const characters = [...text];
    const at = Number(index);
    if (at < 0 || at > characters.length) throw new CelError(`index out of range: ${at}`);
    return characters[at] ?? '';
  });
  environment.registerFunction('string.replace(string, string): string', (text: string, old: string, by: string) =>
    text.replaceAll(old, () => by),
  );
  environment.registerFunction('string.replace(string, string, int): string', replaceSome);
  environment.registerFunction('string.reverse(): string', (text: string) => [...text].reverse().join(''));
  environment.registerFunction('string.format(list): string', formatString);
}

function replaceSome(text: string, old: string, by: string, limit: bigint): string {
  if (limit < 0n) return text.replaceAll(old, () => by);
  let left = limit;
  return text.replaceAll(old, () => (left-- > 0n ? by : old));
}

function registerLists(environment: Environment): void {
  const compare = (a: Ordered, b: Ordered) => (a < b ? -1 : a > b ? 1 : 0);
  const extreme = (sign: number) => (list: List) => {
    if (list.length === 0) throw new CelError(`${sign < 0 ? 'min' : 'max'} called on empty list`);
    return (list as Ordered[]).reduce((best, item) => (compare(item, best) * sign > 0 ? item : best));
  };
  environment.registerFunction('list.min(): dyn', extreme(-1));
  environment.registerFunction('list.max(): dyn', extreme(1));
  environment.registerFunction('list.isSorted(): bool', (list: List) =>
    (list as Ordered[]).every((item, index) => index === 0 || compare((list as Ordered[])[index - 1]!, item) <= 0),
  );
  environment.registerFunction('list.sum(): dyn', (list: List) =>
    (list as (bigint | number)[]).reduce(
      (sum, item) => (typeof sum === 'bigint' ? sum + BigInt(item) : sum + Number(item)),
      typeof list[0] === 'number' ? 0 : 0n,
    ),
  );
  environment.registerFunction('list.sort(): list', (list: List) => (list as Ordered[]).toSorted(compare));
  environment.registerFunction('list.reverse(): list', (list: List) => list.toReversed());
  environment.registerFunction('list.distinct(): list', distinct);
  environment.registerFunction('list.flatten(): list', (list: List) => list.flat());
  environment.registerFunction('list.flatten(int): list', (list: List, depth: bigint) => {
    if (depth < 0n) throw new CelError('level must be non-negative');
    return list.flat(Number(depth));
  });
  environment.registerFunction('list.indexOf(dyn): int', (list: List, item: unknown) =>
    BigInt(list.findIndex((other) => areEqual(other, item))),
  );
  environment.registerFunction('list.lastIndexOf(dyn): int', (list: List, item: unknown) =>
    BigInt(list.findLastIndex((other) => areEqual(other, item))),
  );
  environment.registerFunction('list.slice(int, int): list', slice);
}

function distinct(list: List): List {
  const seen = new Set<unknown>();
  return list.filter((item, index) => {
    if (typeof item === 'object') return list.findIndex((other) => areEqual(other, item)) === index;
    // An int and a double of one value are the same.
    const key = typeof item === 'number' && Number.isInteger(item) ? BigInt(item) : item;
    return !seen.has(key) && seen.add(key);
  });
}

function slice(list: List, from: bigint, to: bigint): List {
  if (from < 0n || to < 0n) throw new CelError(`cannot slice(${from}, ${to}), negative indexes not supported`);
  if (from > to) {
    throw new CelError(`cannot slice(${from}, ${to}), start index must be less than or equal to end index`);
  }
  if (to > BigInt(list.length)) throw new CelError(`cannot slice(${from}, ${to}), list is length ${list.length}`);
  return list.slice(Number(from), Number(to));
}

class Sets {}
class Lists {}
class Base64 {}
class Strings {}

function registerNamespaces(environment: Environment): void {
  const has = (list: List, item: unknown) => list.some((other) => areEqual(other, item));
  const contains = (_: unknown, list: List, part: List) => part.every((item) => has(list, item));
  environment.registerType('Sets', Sets);
  environment.registerConstant('sets', 'Sets', new Sets());
  environment.registerFunction('Sets.contains(list, list): bool', contains);
  environment.registerFunction('Sets.intersects(list, list): bool', (_: unknown, a: List, b: List) =>
    a.some((item) => has(b, item)),
  );
  environment.registerFunction(
    'Sets.equivalent(list, list): bool',
    (_: unknown, a: List, b: List) => contains(_, a, b) && contains(_, b, a),
  );
  environment.registerType('Lists', Lists);
  environment.registerConstant('lists', 'Lists', new Lists());
  environment.registerFunction('Lists.range(int): list', (_: unknown, size: bigint) => {
    if (size > maxRange) throw new CelError(`lists.range(${size}) is larger than ${maxRange}`);
    return Array.from({ length: Number(size) }, (_item, index) => BigInt(index));
  });
  environment.registerType('Strings', Strings);
  environment.registerConstant('strings', 'Strings', new Strings());
  environment.registerFunction('Strings.quote(string): string', (_: unknown, text: string) => quoteGo(text));
  environment.registerType('Base64', Base64);
  environment.registerConstant('base64', 'Base64', new Base64());
  environment.registerFunction('Base64.encode(bytes): string', (_: unknown, bytes: Uint8Array) =>
    Buffer.from(bytes).toString('base64'),
  );
  environment.registerFunction(
    'Base64.decode(string): bytes',
    (_: unknown, text: string) => new Uint8Array(Buffer.from(text, 'base64')),
  );
}
