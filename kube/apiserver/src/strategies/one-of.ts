import { type FieldError, unsupportedField } from '../status.ts';

/** A text that is none of those that the server knows, in the order in which it names them. */
export function oneOf(field: string, value: unknown, supported: readonly string[]): FieldError[] {
  return supported.some((known) => known === value) ? [] : [unsupportedField(field, value, supported)];
}

/** The same for a text that need not be there. */
export function oneOfIfGiven(field: string, value: unknown, supported: readonly string[]): FieldError[] {
  return value === undefined || value === null ? [] : oneOf(field, value, supported);
}
