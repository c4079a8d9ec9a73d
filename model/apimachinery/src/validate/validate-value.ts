import type { FieldError, FieldErrorType } from '../field-error.ts';
import type { JsonValue } from '../object.ts';
import type { Schema } from '../schema.ts';
import { hasRules, validateRules } from './cel-rules.ts';
import { Correlation } from './correlation.ts';
import { validateEmbedded } from './embedded.ts';
import { validateListTypes } from './list-types.ts';
import { validateSchema } from './schema-validator.ts';

export interface ValidateOptions {
  /** The value that is replaced: what it already broke is tolerated where it did not change. */
  readonly oldValue?: JsonValue | undefined;
  /** Where the value stands in its object, such as `status`; the whole object by default. */
  readonly path?: string | undefined;
}

/** Errors after which rules would only repeat what is already said (KUBE-CRD-01). */
const blocking = new Set<FieldErrorType>([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const unchecked: FieldError = {
  type: 'FieldValueInvalid',
  field: '<nil>',
  value: null,
  detail:
    'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
};

/**
 * Validates a custom resource, or a part of it, against its structural schema: OpenAPI checks, embedded resources, sets and
 * list maps, CEL rules, with the texts of kube-apiserver. Metadata of the object itself is not looked at.
 */
export function validateValue(value: JsonValue, schema: Schema, options: ValidateOptions = {}): FieldError[] {
  const { oldValue, path = '' } = options;
  const correlation = oldValue === undefined ? undefined : new Correlation(value, oldValue, schema);
  const result = validateSchema(value, schema, '', correlation);
  const errors = result.findings.map((finding) => finding.toFieldError(path));
  errors.push(...validateEmbedded(value, schema, path), ...newListErrors(value, oldValue, schema, path));
  if (!hasRules(schema)) return errors;
  if (errors.some(({ type }) => blocking.has(type))) return [...errors, unchecked];
  return [...errors, ...validateRules(value, schema, { path, isRoot: path === '', old: oldValue, correlation })];
}

/** Once an object holds duplicates, later updates may keep them. */
function newListErrors(value: JsonValue, old: JsonValue | undefined, schema: Schema, path: string): FieldError[] {
  const tolerated = old !== undefined && validateListTypes(old, schema, path).length > 0;
  return tolerated ? [] : validateListTypes(value, schema, path);
}
