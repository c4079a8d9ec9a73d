import { isText } from '../check/type.ts';
import type { Operand, Rule } from './call.ts';
import { fixed, nothing, type Range, scaled, stringFactor, union, unknown } from './range.ts';

const one = fixed(1);
const unitTypes = new Set(['Quantity', 'Semver', 'IP', 'CIDR']);
const longestFormat = 64;

function sizeOf({ size }: Operand): Range {
  return size ?? unknown;
}

/** A look at no more than the smaller value. */
const compared: Rule = ({ args: [left, right] }) => {
  const smallest = Math.min(sizeOf(left!).max, sizeOf(right!).max);
  return { cost: scaled({ min: smallest > 0 ? 1 : 0, max: smallest }, stringFactor) };
};

const equal: Rule = (call) => {
  const [left, right] = call.args;
  const [scope, name] = left!.type.name.split('.');
  if (left!.type.name !== right!.type.name || (scope !== 'kubernetes' && scope !== 'net')) return compared(call);
  if (unitTypes.has(name!) || name === 'authorization') return { cost: one };
  if (name === 'NamedFormat') return { cost: scaled({ min: 1, max: longestFormat }, stringFactor) };
  return { cost: scaled({ min: 1, max: right!.size?.max ?? 1 }, stringFactor) };
};

/** Text is compared by its characters, everything else at once. */
const order: Rule = (call) => {
  const [left, right] = call.args.map(({ type }) => type);
  if (isText(left) || isText(right)) return compared(call);
  if (left!.kind !== 'dyn' || right!.kind !== 'dyn') return { cost: one };
  return { cost: union(one, compared(call)!.cost) };
};

/** Text is copied, lists are joined as they are, numbers are added. */
const sum: Rule = ({ args: [left, right] }) => {
  const type = left!.type.kind === 'dyn' ? right!.type : left!.type;
  const size = { min: sizeOf(left!).min + sizeOf(right!).min, max: sizeOf(left!).max + sizeOf(right!).max };
  const joined = { min: Math.min(size.min, unknown.max), max: Math.min(size.max, unknown.max) };
  const copied = scaled(joined, stringFactor);
  if (isText(type)) return { cost: copied, size: joined };
  if (type.kind === 'list') return { cost: one, size: joined };
  return type.kind === 'dyn' ? { cost: union(one, copied), size: joined } : { cost: one };
};

/** A list is looked through, a map is not. */
const membership: Rule = ({ args: [, list] }) => {
  const through = sizeOf(list!);
  if (list!.type.kind === 'list') return { cost: through };
  return { cost: list!.type.kind === 'dyn' ? union(through, one) : one };
};

/** What operators cost beside their operands. */
export const operatorRules: Readonly<Record<string, Rule>> = {
  '==': equal,
  '!=': compared,
  '<': order,
  '<=': order,
  '>': order,
  '>=': order,
  '+': sum,
  in: membership,
  '&&': () => ({ cost: nothing }),
  '||': () => ({ cost: nothing }),
};
