import { quoteGo } from '@flux/gotypes';
import { marshalGo } from './go-format.ts';

export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTooFew'
  | 'FieldValueTooShort'
  | 'FieldValueTypeInvalid'
  | 'InternalError';

const titles: Record<FieldErrorType, string> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  FieldValueTooFew: 'Too few',
  FieldValueTooShort: 'Too short',
  FieldValueTypeInvalid: 'Invalid value',
  InternalError: 'Internal error',
};

const withoutValue = new Set<FieldErrorType>([
  'FieldValueRequired',
  'FieldValueForbidden',
  'FieldValueTooLong',
  'FieldValueTooShort',
  'InternalError',
]);

/** One finding of a validation: where, what kind, and the value that was not accepted. */
export interface FieldError {
  readonly type: FieldErrorType;
  /** `spec.containers[0].name`; `<nil>` for the object itself. */
  readonly field: string;
  readonly value?: unknown;
  readonly detail: string;
}

/** `Invalid value: "x": must be …`: the message without the field, as the causes of a Status carry it. */
export function formatFieldErrorBody(error: FieldError): string {
  let body = titles[error.type];
  if (!withoutValue.has(error.type) && Object.hasOwn(error, 'value')) body += `: ${formatBadValue(error.value)}`;
  return error.detail === '' ? body : `${body}: ${error.detail}`;
}

export function formatFieldError(error: FieldError): string {
  return `${error.field}: ${formatFieldErrorBody(error)}`;
}

/** One error alone, several as `[a, b]`, repeated ones once. */
export function formatFieldErrors(errors: readonly FieldError[]): string {
  return aggregateMessages([...new Set(errors.map(formatFieldError))]);
}

/** One message alone, several as `[a, b]`: how Kubernetes shows an aggregate of errors. */
export function aggregateMessages(messages: readonly string[]): string {
  return messages.length === 1 ? (messages[0] ?? '') : `[${messages.join(', ')}]`;
}

function formatBadValue(value: unknown): string {
  return typeof value === 'string' ? quoteGo(value) : marshalGo(value ?? null);
}

export function invalidValue(field: string, value: unknown, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field, value, detail };
}

export function typeInvalid(field: string, value: unknown, detail: string): FieldError {
  return { type: 'FieldValueTypeInvalid', field, value, detail };
}

export function requiredValue(field: string, detail = ''): FieldError {
  return { type: 'FieldValueRequired', field, value: '', detail };
}

export function forbiddenValue(field: string, detail: string): FieldError {
  return { type: 'FieldValueForbidden', field, value: '', detail };
}

export function duplicateValue(field: string, value: unknown): FieldError {
  return { type: 'FieldValueDuplicate', field, value, detail: '' };
}

export function notFoundValue(field: string, value: unknown): FieldError {
  return { type: 'FieldValueNotFound', field, value, detail: '' };
}

/** The supported values appear in the order given, in quotes. */
export function unsupportedValue(field: string, value: unknown, supported: readonly string[]): FieldError {
  const detail =
    supported.length === 0 ? '' : `supported values: ${supported.map((value) => quoteGo(value)).join(', ')}`;
  return { type: 'FieldValueNotSupported', field, value, detail };
}

export function tooLong(field: string, maxBytes: number): FieldError {
  const detail = maxBytes < 0 ? 'value is too long' : `may not be more than ${maxBytes} ${plural(maxBytes, 'byte')}`;
  return { type: 'FieldValueTooLong', field, value: '<value omitted>', detail };
}

export function tooMany(field: string, actual: number, max: number): FieldError {
  const detail = max < 0 ? 'has too many items' : `must have at most ${max} ${plural(max, 'item')}`;
  return { type: 'FieldValueTooMany', field, ...(actual >= 0 && { value: actual }), detail };
}

export function internalError(field: string, detail: string): FieldError {
  return { type: 'InternalError', field, value: detail, detail };
}

function plural(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`;
}
