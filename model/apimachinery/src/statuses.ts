import { quoteGo } from '@flux/gotypes';
import { type FieldError, formatFieldErrorBody, formatFieldErrors } from './field-error.ts';
import { type Status, type StatusDetails, StatusError } from './status-error.ts';

export interface GroupResource {
  group: string;
  resource: string;
}

export interface GroupKind {
  group: string;
  kind: string;
}

export type StatusCause = NonNullable<StatusDetails['causes']>[number];

/** `deployments.apps`, `pods`. */
export function formatGroupResource({ group, resource }: GroupResource): string {
  return group === '' ? resource : `${resource}.${group}`;
}

function formatGroupKind({ group, kind }: GroupKind): string {
  return group === '' ? kind : `${kind}.${group}`;
}

/** A failure Status as the server writes it; empty details are left out. */
export function failure(code: number, reason: string, message: string, details?: StatusDetails): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason !== '' && { reason }),
    ...(details && { details: withoutEmpty(details) }),
    code,
  };
}

function withoutEmpty(details: StatusDetails): StatusDetails {
  const kept = Object.entries(details).filter(([, value]) => {
    return value !== undefined && value !== '' && value !== 0 && !(Array.isArray(value) && value.length === 0);
  });
  return Object.fromEntries(kept) as StatusDetails;
}

function about({ group, resource }: GroupResource, name: string): StatusDetails {
  return { name, group, kind: resource };
}

export function newNotFound(resource: GroupResource, name: string): StatusError {
  const message = `${formatGroupResource(resource)} ${quoteGo(name)} not found`;
  return new StatusError(failure(404, 'NotFound', message, about(resource, name)));
}

export function newAlreadyExists(resource: GroupResource, name: string): StatusError {
  const message = `${formatGroupResource(resource)} ${quoteGo(name)} already exists`;
  return new StatusError(failure(409, 'AlreadyExists', message, about(resource, name)));
}

export function newConflict(resource: GroupResource, name: string, detail: string): StatusError {
  const message = `Operation cannot be fulfilled on ${formatGroupResource(resource)} ${quoteGo(name)}: ${detail}`;
  return new StatusError(failure(409, 'Conflict', message, about(resource, name)));
}

/** The conflict of an update with a stale resourceVersion. */
export function newModifiedConflict(resource: GroupResource, name: string): StatusError {
  return newConflict(
    resource,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );
}

export function newInvalid(kind: GroupKind, name: string, errors: readonly FieldError[]): StatusError {
  const causes = errors.map((error) => ({
    reason: error.type,
    message: formatFieldErrorBody(error),
    field: error.field,
  }));
  const summary = `${formatGroupKind(kind)} ${quoteGo(name)} is invalid`;
  const message = errors.length === 0 ? summary : `${summary}: ${formatFieldErrors(errors)}`;
  return new StatusError(failure(422, 'Invalid', message, { name, group: kind.group, kind: kind.kind, causes }));
}

/** With an empty resource the message is only `forbidden: …`; the name may be empty. */
export function newForbidden(
  resource: GroupResource,
  name: string,
  detail: string,
  causes?: readonly StatusCause[],
): StatusError {
  const subject = formatGroupResource(resource);
  const message =
    resource.resource === '' && resource.group === ''
      ? `forbidden: ${detail}`
      : `${subject}${name === '' ? '' : ` ${quoteGo(name)}`} is forbidden: ${detail}`;
  return new StatusError(
    failure(403, 'Forbidden', message, { ...about(resource, name), ...(causes && { causes: [...causes] }) }),
  );
}

export function newBadRequest(message: string): StatusError {
  return new StatusError(failure(400, 'BadRequest', message));
}

/** The answer for a verb that the resource does not have. */
export function newMethodNotAllowed(): StatusError {
  return new StatusError(
    failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {}),
  );
}

/** A resourceVersion or continue token that history no longer reaches; `continueToken` lets the client go on regardless. */
export function newExpired(message: string, continueToken?: string): StatusError {
  const status = failure(410, 'Expired', message);
  return new StatusError(continueToken === undefined ? status : { ...status, metadata: { continue: continueToken } });
}

export function newRequestEntityTooLarge(message: string): StatusError {
  return new StatusError(failure(413, 'RequestEntityTooLarge', `Request entity too large: ${message}`));
}

/** A 422 without details, for patches that cannot be applied (KUBE-PATCH-01). */
export function newUnprocessable(
  message = 'the server rejected our request due to an error in our request',
  details: StatusDetails = {},
): StatusError {
  return new StatusError(failure(422, 'Invalid', message, details));
}

/** An error that the server did not expect: 500 with its text and no reason (KUBE-SSA-06, KUBE-PATCH-03). */
export function newUnknownError(message: string): StatusError {
  return new StatusError(failure(500, '', message));
}

export function newApplyConflict(message: string, causes: readonly StatusCause[]): StatusError {
  return new StatusError(failure(409, 'Conflict', message, { causes: [...causes] }));
}
