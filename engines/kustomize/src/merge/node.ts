import type { JsonValue } from '@flux/apimachinery';
import type { Schema } from './builtin-schema.ts';
import type { SchemaSet } from './schema.ts';

/** A value on one side of a merge; `undefined` is an absent node. */
export type Node = JsonValue | undefined;

/** A null of the target that the patch does not mention. */
export const keptNull = Symbol('kept null');

/** What a merge leaves: a null removes the field unless it is `keptNull`. */
export type Merged = Node | typeof keptNull;

/** How an object stands in its manifest, by field name. */
export interface Spelling {
  /** Whether a null at this key was written out; one left empty does not survive a merge. */
  writesNull(key: string): boolean;
  /** Whether the text at this key was in quotes; they stay when the value is replaced, which then is a text too. */
  isQuoted(key: string, text: string): boolean;
}

/** Merges two nodes of a known or unknown type. */
export type Walk = (target: Node, patch: Node, schema: Schema | undefined, context: MergeContext) => Merged;

/** What the walk needs besides the two sides. */
export interface MergeContext {
  readonly schemas: SchemaSet;
  /** How the target was written. */
  readonly spelling: Spelling;
}

export function isMissing(node: Node): node is null | undefined {
  return node === undefined || node === null;
}
