import { safeMatches } from '../lower.ts';
import { each } from './by-name.ts';
import { patternFactor, stringFactor } from './range.ts';

/** The number of characters, bytes, items or entries; everything else counts as one. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length;
  if (value instanceof Map || value instanceof Set) return value.size;
  if (typeof value !== 'object' || value === null) return 1;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype ? Object.keys(value).length : 1;
}

const traverse = (value: unknown, factor = stringFactor) => Math.ceil(sizeOf(value) * factor);
const patternCost = (text: unknown, pattern: unknown) =>
  Math.ceil((1 + sizeOf(text)) * stringFactor) * traverse(pattern, patternFactor);

/** A unit for each scalar in a value, and the length of its texts. */
function wholeTraversal(value: unknown): number {
  if (typeof value === 'string') return Math.floor(value.length * stringFactor);
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + wholeTraversal(item), 0);
  return 1;
}

type Rule = (args: readonly unknown[], result: unknown) => number;

const ofFirst: Rule = ([first]) => traverse(first);
const ofFirstTwice: Rule = ([first]) => traverse(first, 2 * stringFactor);
const smaller: Rule = ([left, right]) => Math.ceil(Math.min(sizeOf(left), sizeOf(right)) * stringFactor);
const whole: Rule = ([first]) => wholeTraversal(first);
const pattern: Rule = ([text, expression]) => patternCost(text, expression);
const squared: Rule = ([list]) => 2 * sizeOf(list) ** 2 + 11;
const copied: Rule = (_, result) => sizeOf(result) + 11;

const sum: Rule = ([left, right]) =>
  typeof left === 'string' || left instanceof Uint8Array ? Math.ceil((sizeOf(left) + sizeOf(right)) * stringFactor) : 1;

function order(args: readonly unknown[], result: unknown): number {
  return typeof args[0] === 'string' ? smaller(args, result) : 1;
}

const rules: Readonly<Record<string, Rule>> = {
  check: () => 350_000,
  ...each('isSorted sum max min indexOf lastIndexOf', whole),
  ...each('url lowerAscii upperAscii substring trim quantity isQuantity startsWith endsWith format', ofFirst),
  ...each('replace split', ofFirstTwice),
  join: (_, result) => traverse(result, 2 * stringFactor),
  ...each(`find findAll matches ${safeMatches}`, pattern),
  contains: ([text, part]) => traverse(text) * traverse(part),
  ...each('distinct sort', squared),
  ...each('slice reverse range flatten', copied),
  '==': smaller,
  '!=': smaller,
  in: ([, list]) => (Array.isArray(list) ? list.length : 1),
  '+': sum,
  ...each('< <= > >=', order),
};

/** What a call cost, from the values it had; the target is the first of them. */
export function runtimeCallCost(name: string, args: readonly unknown[], result: unknown): number {
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
  return rule ? rule(args, result) : 1;
}
