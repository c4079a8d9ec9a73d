import type { CelType } from '../check/type.ts';
import type { Literal } from '../syntax/node.ts';
import type { Range } from './range.ts';

/** What a call costs beside its arguments, and how large its result can be. */
export interface CallCost {
  readonly cost: Range;
  readonly size?: Range | undefined;
}

/** A part of a call, which was estimated before. */
export interface Operand {
  readonly type: CelType;
  /** Its size, when something tells. */
  readonly size: Range | undefined;
  /** The value of a literal. */
  readonly literal: Literal | undefined;
  /** Size of an item of a list that is reached by a path or known by its type only. */
  itemSize(): Range;
}

/** One call as it is estimated. */
export interface Call {
  readonly target: Operand | undefined;
  readonly args: readonly Operand[];
}

/** `undefined`: the call has not the form that has a cost of its own. */
export type Rule = (call: Call) => CallCost | undefined;
