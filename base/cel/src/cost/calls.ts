import { isText } from '../check/type.ts';
import { each } from './by-name.ts';
import type { Call, CallCost, Operand, Rule } from './call.ts';
import { listRules } from './list-calls.ts';
import {
  fixed,
  patternFactor,
  plus,
  type Range,
  scaled,
  stringFactor,
  times,
  union,
  unknown,
  unlimited,
} from './range.ts';

const one = fixed(1);

function sizeOf({ size }: { size: Range | undefined }): Range {
  return size ?? unknown;
}

/** One comparison for each item, and the traversal of items that are text. */
function traversal({ target }: Call): CallCost | undefined {
  if (!target) return undefined;
  const [element] = target.type.parameters;
  if (target.type.kind !== 'list' && target.type.kind !== 'map') return { cost: scaled(sizeOf(target), stringFactor) };
  const each = isText(element) ? plus(one, scaled(target.itemSize(), stringFactor)) : one;
  return { cost: times(sizeOf(target), each) };
}

function ofArgument({ args: [text] }: Call): CallCost | undefined {
  return text && { cost: scaled(sizeOf(text), stringFactor) };
}

function sameSizeAsArgument({ args: [text] }: Call): CallCost | undefined {
  return text && { cost: scaled(sizeOf(text), stringFactor), size: sizeOf(text) };
}

function sameSizeAsTarget({ target }: Call): CallCost | undefined {
  return target && { cost: scaled(sizeOf(target), stringFactor), size: sizeOf(target) };
}

function replace({ target, args: [old, by] }: Call): CallCost | undefined {
  if (!target || !old || !by) return undefined;
  const size = sizeOf(target);
  const [from, to] = [sizeOf(old), sizeOf(by)];
  const most = longest(size.max, from.min, to.max);
  const least = shortest(size.min, from.max, to.min);
  return { cost: scaled(size, 2 * stringFactor), size: { min: least, max: Math.min(most, unlimited) } };
}

/** The longest result replaces the shortest text by the longest. */
function longest(size: number, from: number, to: number): number {
  if (from === 0) return (size + 1) * to + size;
  return to <= from ? size : Math.ceil(size / from) * to;
}

function shortest(size: number, from: number, to: number): number {
  if (from === 0) return (size + 1) * to + size;
  return from <= to ? size : Math.ceil(size / from) * to;
}

function split({ target, args: [, limit] }: Call): CallCost | undefined {
  if (!target) return undefined;
  const size = sizeOf(target);
  const max = typeof limit?.literal === 'bigint' ? Number(limit.literal) : size.max;
  // A negative limit is no limit; as an unsigned number it is the largest there is.
  return { cost: scaled(size, 2 * stringFactor), size: { min: 0, max: max < 0 ? unlimited : max } };
}

function join({ target, args: [separator] }: Call): CallCost | undefined {
  if (!target) return undefined;
  const count = sizeOf(target);
  let size = times(count, target.itemSize());
  if (separator) {
    const gaps = { min: Math.max(0, count.min - 1), max: Math.max(0, count.max - 1) };
    size = plus(size, times(sizeOf(separator), gaps));
  }
  return { cost: scaled(size, stringFactor), size };
}

function patternCost(text: Operand, pattern: Operand): Range {
  // One more than the text, so that an expensive pattern has its price on an empty text, too.
  return times(scaled(plus(sizeOf(text), one), stringFactor), scaled(sizeOf(pattern), patternFactor));
}

function find({ target, args: [pattern] }: Call): CallCost | undefined {
  if (!target || !pattern) return undefined;
  return { cost: patternCost(target, pattern), size: { min: 0, max: sizeOf(target).max } };
}

function matches({ target, args: [pattern] }: Call): CallCost | undefined {
  return target && pattern && { cost: patternCost(target, pattern) };
}

function contains({ target, args: [part] }: Call): CallCost | undefined {
  if (!target || !part) return undefined;
  return { cost: times(scaled(sizeOf(target), stringFactor), scaled(sizeOf(part), stringFactor)) };
}

function format({ target }: Call): CallCost | undefined {
  return target && { cost: scaled(sizeOf(target), stringFactor) };
}

const addressBytes: Range = { min: 4, max: 16 };

function containsAddress({ args: [address] }: Call): CallCost | undefined {
  const compared = scaled(plus(addressBytes, addressBytes), stringFactor);
  const isText = address?.type.kind === 'string';
  return { cost: isText ? plus(compared, scaled(sizeOf(address), stringFactor)) : compared };
}

function containsNetwork(call: Call): CallCost | undefined {
  const { cost } = containsAddress(call)!;
  return { cost: plus(cost, scaled(addressBytes, stringFactor), one) };
}

function selector({ args: [text] }: Call): CallCost | undefined {
  if (!text) return undefined;
  const size = sizeOf(text);
  return { cost: plus(fixed(10), scaled(size, stringFactor), scaled(scaled(size, 0.5), 50)) };
}

function stringOf({ args: [value] }: Call): CallCost | undefined {
  if (!value || (value.type.kind !== 'bytes' && value.type.kind !== 'dyn')) return undefined;
  const size = sizeOf(value);
  const cost = scaled(size, stringFactor);
  const result = { min: Math.floor(size.min / 4), max: size.max };
  return { cost: value.type.kind === 'dyn' ? union(cost, one) : cost, size: result };
}

function bytesOf({ args: [value] }: Call): CallCost | undefined {
  if (!value || (value.type.kind !== 'string' && value.type.kind !== 'dyn')) return undefined;
  const size = sizeOf(value);
  const cost = scaled(size, stringFactor);
  return {
    cost: value.type.kind === 'dyn' ? union(cost, one) : cost,
    size: { min: size.min, max: Math.min(size.max * 4, unlimited) },
  };
}

function address(call: Call): CallCost | undefined {
  return call.args.length > 0 ? ofArgument(call) : { cost: one };
}

function canonical({ args: [text] }: Call): CallCost | undefined {
  return text && { cost: scaled(sizeOf(text), 2 * stringFactor) };
}

const longestNamePattern = 128;

function validate({ args: [text] }: Call): CallCost | undefined {
  return text && { cost: scaled(scaled(sizeOf(text), stringFactor), longestNamePattern * patternFactor) };
}

const sets = (factor: number) => (call: Call) => {
  const [left, right] = call.args;
  return left && right && { cost: plus(scaled(times(sizeOf(left), sizeOf(right)), factor), one) };
};

/** Functions whose cost depends on sizes; every other costs 1. Names with a dot are those of a namespace. */
const rules: Readonly<Record<string, Rule>> = {
  ...listRules,
  check: () => ({ cost: fixed(350_000) }),
  ...each('fieldSelector labelSelector', selector),
  ...each('isSorted sum max min indexOf lastIndexOf', traversal),
  ...each('url jsonpatch.escapeKey', sameSizeAsArgument),
  ...each('lowerAscii upperAscii substring trim', sameSizeAsTarget),
  replace,
  split,
  join,
  ...each('find findAll', find),
  ...each('cidr isIP isCIDR quantity isQuantity semver isSemver', ofArgument),
  ip: address,
  'ip.isCanonical': canonical,
  containsIP: containsAddress,
  containsCIDR: containsNetwork,
  validate,
  'sets.contains': sets(1),
  'sets.intersects': sets(1),
  'sets.equivalent': sets(2),
  ...each('startsWith endsWith', ofArgument),
  matches,
  contains,
  format,
  string: stringOf,
  bytes: bytesOf,
};

/** The estimate of cel-go and Kubernetes for one call, without what its arguments cost. */
export function callCost(name: string, call: Call): CallCost {
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
  return rule?.(call) ?? { cost: one };
}
