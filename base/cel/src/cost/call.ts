import type { Estimated } from './expression.ts';
import type { Range } from './range.ts';

/** What a call costs beside its arguments, and how large its result can be. */
export interface CallCost {
  readonly cost: Range;
  readonly size?: Range;
}

/** One call as it is estimated. */
export interface Call {
  readonly target: Estimated | undefined;
  readonly args: readonly Estimated[];
  /** Size of an item of a list that is reached by a path or known by its type only. */
  itemSize(list: Estimated): Range;
}

/** `undefined`: the call has not the form that has a cost of its own. */
export type Rule = (call: Call) => CallCost | undefined;
