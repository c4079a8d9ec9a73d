import type { JsonValue } from '../object.ts';
import type { Schema } from '../schema.ts';
import { atomOf, deducedAtom } from './atom.ts';
import type { FieldSet } from './field-set.ts';
import { type Comparison, compareTyped } from './typed-compare.ts';
import { typedSet } from './typed-set.ts';

/** The fields that an apply of this value would own, metadata included; without a schema types are deduced. */
export function fieldSetOf(value: JsonValue, schema?: Schema): FieldSet {
  return typedSet(value, schema === undefined ? deducedAtom : atomOf(schema));
}

/** Which fields the second value adds, changes and removes, as a structured merge counts fields. */
export function compareFields(before: JsonValue, after: JsonValue, schema?: Schema): Comparison {
  return compareTyped(before, after, schema === undefined ? deducedAtom : atomOf(schema));
}
