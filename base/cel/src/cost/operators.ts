import type { CallCost } from './call.ts';
import { sizeOf } from './calls.ts';
import type { CelDeclaration } from './declaration.ts';
import { dyn, isText, simple } from './declaration.ts';
import type { Estimated } from './expression.ts';
import { fixed, plus, type Range, scaled, stringFactor, union } from './range.ts';

const one = fixed(1);
const unitTypes = new Set(['quantity', 'ip', 'cidr', 'semver', 'url']);

/** Equality looks at no more than the smaller value. */
export function equalityCost(left: Estimated, right: Estimated): Range {
  if (left.type.kind === 'opaque' && unitTypes.has(left.type.name ?? '') && right.type.name === left.type.name)
    return one;
  return comparedCost(left, right);
}

function comparedCost(left: Estimated, right: Estimated): Range {
  const smallest = Math.min(sizeOf(left).max, sizeOf(right).max);
  return scaled({ min: smallest > 0 ? 1 : 0, max: smallest }, stringFactor);
}

/** `<`, `<=`, `>`, `>=`: text is compared by its characters, everything else at once. */
export function orderCost(left: Estimated, right: Estimated): Range {
  if (isText(left.type) || isText(right.type)) return comparedCost(left, right);
  const mayBeText = left.type.kind === 'dyn' && right.type.kind === 'dyn';
  return mayBeText ? union(one, comparedCost(left, right)) : one;
}

/** `+`: text is copied, lists are joined as they are, numbers are added. */
export function sumOf(left: Estimated, right: Estimated): CallCost & { readonly type: CelDeclaration } {
  const type = left.type.kind === 'dyn' ? right.type : left.type;
  const size = plus(sizeOf(left), sizeOf(right));
  const copied = scaled(size, stringFactor);
  if (isText(type)) return { cost: copied, size, type: simple(type.kind) };
  if (type.kind === 'list') return { cost: one, size, type };
  return type.kind === 'dyn' ? { cost: union(one, copied), size, type: dyn } : { cost: one, type };
}

/** `in`: a list is looked through, a map is not. */
export function membershipCost(list: Estimated): Range {
  const through = sizeOf(list);
  if (list.type.kind === 'list') return through;
  return list.type.kind === 'dyn' ? union(through, one) : one;
}
