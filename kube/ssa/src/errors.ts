import { isNotFound, type KubeObject, StatusError } from '@flux/apimachinery';
import { FluxError, messageOf } from '@flux/errors';
import { type ChangeSet, changeOf, formatRef } from './change-set.ts';

/** An apply did not finish; `changes` are those of the stages whose apply was complete (KUS-APPLY-18). */
export class ApplyError extends FluxError {
  override readonly code = 'APPLY_FAILED';
  readonly changes: ChangeSet;

  constructor(message: string, options: { cause: unknown; changes: ChangeSet }) {
    super(message, { cause: options.cause });
    this.changes = options.changes;
  }
}

/** The server refused one object of an apply; the text is Flux's (KUS-APPLY-11). */
export class ObjectApplyError extends FluxError {
  override readonly code = 'OBJECT_APPLY_FAILED';
}

/** Deletions that failed; `changes` has all objects, those in doubt as `unknown` (KUS-GC-03). */
export class DeleteError extends FluxError {
  override readonly code = 'DELETE_FAILED';
  readonly changes: ChangeSet;

  constructor(message: string, changes: ChangeSet) {
    super(message);
    this.changes = changes;
  }
}

/** Objects did not become ready: the raw text of KUS-HEALTH-06. */
export class WaitError extends FluxError {
  override readonly code = 'WAIT_FAILED';
  readonly isTimeout: boolean;

  constructor(message: string, isTimeout: boolean) {
    super(message);
    this.isTimeout = isTimeout;
  }
}

function subjectOf(object: KubeObject): string {
  return formatRef(changeOf(object, 'unknown').ref);
}

export function dryRunError(object: KubeObject, cause: unknown): ObjectApplyError {
  const subject = subjectOf(object);
  const text = messageOf(cause);
  if (isNotFound(cause)) {
    const problem = object.metadata.namespace ? 'not found' : 'namespace not specified';
    return new ObjectApplyError(`${subject} ${problem}: ${text}`, { cause });
  }
  const reason = reasonOf(cause);
  return new ObjectApplyError(`${subject} dry-run failed${reason ? ` (${reason})` : ''}: ${text}`, { cause });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof StatusError)) return '';
  const isManagerConflict = error.status.details?.causes?.some((cause) => cause.reason === 'FieldManagerConflict');
  return isManagerConflict ? 'FieldManagerConflict' : error.reason;
}

export function objectError(object: KubeObject, what: string, cause: unknown): ObjectApplyError {
  return new ObjectApplyError(`${subjectOf(object)} ${what}: ${messageOf(cause)}`, { cause });
}

/** Whether a failed apply hints at a field that cannot change: 409, 422, or a webhook's words (KUS-APPLY-10). */
export function isImmutableError(error: unknown): boolean {
  if (error instanceof StatusError) {
    const { statusCode, reason } = error;
    if (reason === 'Conflict' || reason === 'Invalid') return true;
    if ((statusCode === 409 && reason === '') || (statusCode === 422 && reason === '')) return true;
  }
  return /is\simmutable|immutable\sfield/.test(messageOf(error));
}
