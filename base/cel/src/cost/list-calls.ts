import { isText } from '../check/type.ts';
import type { Call, CallCost, Operand, Rule } from './call.ts';
import { fixed, plus, type Range, scaled, stringFactor, times, unknown, unlimited } from './range.ts';

/** A new list: the call, the list, and a unit for each element it looks at. */
function allocated(size: Range, factor: number): CallCost {
  return { cost: plus(scaled(size, factor), fixed(11)), size };
}

function sizeOfTarget({ target }: Call): Range {
  return target?.size ?? unknown;
}

/** A literal whole number, or what stands for one that is not known; negative ones are as large as can be. */
function wholeNumber(argument: Operand | undefined, otherwise: number): number {
  if (typeof argument?.literal !== 'bigint') return otherwise;
  return argument.literal < 0n ? unlimited : Number(argument.literal);
}

const slice: Rule = (call) => {
  const [start, end] = call.args;
  const length = wholeNumber(end, sizeOfTarget(call).max) - wholeNumber(start, 0);
  return allocated(fixed(length < 0 ? unlimited : length), 1);
};

const flatten: Rule = (call) => allocated(sizeOfTarget(call), call.args[0] ? wholeNumber(call.args[0], unlimited) : 1);

const distinct: Rule = (call) => allocated(times(sizeOfTarget(call), sizeOfTarget(call)), 2);

const sort: Rule = (call) => {
  return call.target && sorted(call.target);
};

/** Every item is compared with every other. */
function sorted(keys: Operand): CallCost {
  const size = keys.size ?? unknown;
  return allocated(times(size, size), isText(keys.type.parameters[0]) ? 2 + stringFactor : 2);
}

/** What functions that make lists of lists cost. */
export const listRules: Readonly<Record<string, Rule>> = {
  slice,
  flatten,
  distinct,
  sort,
  '@sortByAssociatedKeys': ({ args: [keys] }) => keys && sorted(keys),
  reverse: (call) => (call.target?.type.kind === 'list' ? allocated(sizeOfTarget(call), 1) : undefined),
  'lists.range': ({ args }) => allocated(fixed(wholeNumber(args[0], unlimited)), 1),
};
