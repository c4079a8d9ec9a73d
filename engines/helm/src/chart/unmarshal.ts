import { formatFloat } from '@flux/gotypes';

/** A field that is read: the innermost Go struct, and the names of fields that lead to it. */
export interface FieldPlace {
  readonly struct: string;
  readonly path: string;
}

/** `struct field Metadata.name of type string`, or `value of type v2.Metadata` for the whole document. */
export function targetOf({ struct, path }: FieldPlace, type: string): string {
  return path === '' ? `value of type ${type}` : `struct field ${struct}.${path} of type ${type}`;
}

/** What encoding/json says of a value that does not go into a target. */
export function unmarshalProblem(value: unknown, target: string): string {
  return `json: cannot unmarshal ${jsonKind(value)} into Go ${target}`;
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'bigint' ? 'number' : typeof value;
}

/** The text that sigs.k8s.io/yaml makes of a scalar where text is wanted; nothing for all else. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value !== 'number') return undefined;
  // Numbers that are no integers come with the precision of float32.
  return Number.isInteger(value) ? String(value) : formatFloat(value, { bits: 32 });
}
