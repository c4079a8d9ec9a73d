import type { ASTNode } from '@marcbachmann/cel-js';
import type { CelDeclaration } from './declaration.ts';
import type { Path } from './path.ts';
import type { Range } from './range.ts';

/** How large keys and values of a list or map that the expression builds can be. */
export interface EntrySizes {
  readonly kind: 'list' | 'map';
  readonly key: Range;
  readonly value: Range;
}

/** What is known of a part of an expression. */
export interface Estimated {
  readonly cost: Range;
  readonly type: CelDeclaration;
  /** How the value is reached from a variable. */
  readonly path: Path | undefined;
  /** Its size, when something tells. */
  readonly size: Range | undefined;
  readonly entries: EntrySizes | undefined;
  /** The value of a literal. */
  readonly literal?: unknown;
}

/** A name inside of a comprehension or `cel.bind`. */
export interface LocalVariable {
  readonly type: CelDeclaration;
  readonly path: Path | undefined;
  readonly size: Range | undefined;
  readonly entries: EntrySizes | undefined;
}

/** What estimates the parts of an expression, as far as macros use it. */
export interface Estimating {
  estimate(node: ASTNode): Estimated;
  /** Estimates with a name for a value. */
  within<T>(name: string, local: LocalVariable, run: () => T): T;
  made(
    cost: Range,
    type: CelDeclaration,
    parts?: { path?: Path | undefined; size?: Range | undefined; entries?: EntrySizes | undefined },
  ): Estimated;
  conditional(condition: Estimated, yes: Estimated, no: Estimated): Estimated;
  sum(left: Estimated, right: Estimated): Estimated;
  listOf(items: readonly Estimated[]): Estimated;
  call(name: string, target: Estimated | undefined, args: readonly Estimated[]): Estimated;
  /** The size of what a loop has run over. */
  sizeAfter(range: Estimated, isReached: boolean): Range;
}
