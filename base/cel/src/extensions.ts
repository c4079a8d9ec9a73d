import { compileRegexp } from '@flux/regexp';
import type { Environment } from '@marcbachmann/cel-js';
import { CelError } from './cel-error.ts';

type List = unknown[];
type Ordered = bigint | number | string;

/** Standard `matches` runs on JavaScript's engine; calls are renamed to this, of the same length, to run on RE2. */
export const safeMatches = 'reMatch';

/** The functions of Kubernetes' CEL libraries (strings, lists, regex, sets, base64) that the engine does not bring. */
export function registerExtensions(environment: Environment): void {
  registerRegex(environment);
  registerStrings(environment);
  registerLists(environment);
  registerNamespaces(environment);
}

function registerRegex(environment: Environment): void {
  const matches = (text: string, pattern: string) => compileRegexp(pattern).test(text);
  const find = (text: string, pattern: string) => compileRegexp(pattern).find(text)?.groups[0] ?? '';
  const findAll = (text: string, pattern: string) =>
    compileRegexp(pattern)
      .findAll(text)
      .map(({ groups }) => groups[0]);
  environment.registerFunction(`string.${safeMatches}(string): bool`, matches);
  environment.registerFunction(`${safeMatches}(string, string): bool`, matches);
  environment.registerFunction('string.find(string): string', find);
  environment.registerFunction('string.findAll(string): list', findAll);
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
  environment.registerFunction('string.format(list): string', format);
}

function replaceSome(text: string, old: string, by: string, limit: bigint): string {
  if (limit < 0n) return text.replaceAll(old, () => by);
  let left = limit;
  return text.replaceAll(old, () => (left-- > 0n ? by : old));
}

/** `%s %d %f %x %%`; a verb without an argument, or an argument without a verb, is an error. */
function format(template: string, args: List): string {
  let next = 0;
  return template.replace(/%(?:\.(\d+))?([a-zA-Z%])/g, (_, digits: string | undefined, verb: string) => {
    if (verb === '%') return '%';
    if (next >= args.length) throw new CelError(`index ${next} out of range`);
    const value = args[next++];
    if (verb === 's' || verb === 'd') return formatPlain(value);
    if (verb === 'f') return Number(value).toFixed(digits === undefined ? 6 : Number(digits));
    if (verb === 'x')
      return typeof value === 'bigint' ? value.toString(16) : Buffer.from(String(value)).toString('hex');
    throw new CelError(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  });
}

function formatPlain(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(formatPlain).join(', ')}]` : String(value);
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
  environment.registerFunction('list.distinct(): list', (list: List) => [...new Set(list)]);
  environment.registerFunction('list.flatten(): list', (list: List) => list.flat());
  environment.registerFunction('list.indexOf(dyn): int', (list: List, item: unknown) => BigInt(list.indexOf(item)));
  environment.registerFunction('list.lastIndexOf(dyn): int', (list: List, item: unknown) =>
    BigInt(list.lastIndexOf(item)),
  );
  environment.registerFunction('list.slice(int, int): list', (list: List, from: bigint, to: bigint) =>
    list.slice(Number(from), Number(to)),
  );
}

class Sets {}
class Base64 {}

function registerNamespaces(environment: Environment): void {
  const has = (list: List, item: unknown) => list.some((other) => other === item);
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
