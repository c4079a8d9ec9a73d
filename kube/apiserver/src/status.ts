import { type FieldError, type Status, StatusError, failure as statusOf, unsupportedValue } from '@flux/apimachinery';

/** The failures that the server answers, by the short names that its code uses. */
export {
  duplicateValue as duplicateField,
  type FieldError,
  forbiddenValue as forbiddenField,
  GoStructValue,
  invalidValue as invalidField,
  newAlreadyExists as alreadyExists,
  newBadRequest as badRequest,
  newConflict as conflict,
  newForbidden as forbidden,
  newInvalid as invalid,
  newMethodNotAllowed as methodNotAllowed,
  newModifiedConflict as modifiedConflict,
  newNotFound as notFound,
  newUnknownError as internalError,
  notFoundValue as notFoundField,
  requiredValue as requiredField,
  tooLong as tooLongField,
} from '@flux/apimachinery';

/** An absent value is shown as an empty one: in Go these fields are strings. */
export function unsupportedField(field: string, value: unknown, supported: readonly string[]): FieldError {
  return unsupportedValue(field, value ?? '', supported);
}

/** Builds the error that is answered; absent parts stay absent in the Status. */
export function failure(
  code: number,
  reason: string | undefined,
  message: string,
  details?: Status['details'],
): StatusError {
  return new StatusError(statusOf(code, reason ?? '', message, details));
}

export function notServed(): StatusError {
  return failure(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function unsupportedMediaType(message: string, details?: Status['details']): StatusError {
  return failure(415, 'UnsupportedMediaType', message, details);
}
