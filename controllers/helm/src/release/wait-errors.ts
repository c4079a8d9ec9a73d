import type { ObjectRef } from '@flux/apimachinery';
import { FluxError } from '@flux/errors';
import { formatRef } from '@flux/ssa';

/** A wait of a release ended at its deadline; the text is Helm's or Flux's. */
export class WaitTimeoutError extends FluxError {
  override readonly code = 'HELM_WAIT_TIMEOUT';
}

/** An object of a release can never become ready. */
export class NeverReadyError extends FluxError {
  override readonly code = 'HELM_NEVER_READY';
}

/** HELM-WAIT-04. */
export function terminationTimeout(ref: ObjectRef): WaitTimeoutError {
  return new WaitTimeoutError(`${formatRef(ref)} termination timeout: context deadline exceeded`);
}

/** The same failure of a wait, with `details.why`: lines that say what holds the objects up. */
export class NotReadyError extends FluxError {
  override readonly code = 'HELM_NOT_READY';
  readonly why: readonly string[];

  constructor(cause: Error, why: readonly string[]) {
    super(cause.message, { cause, details: { why } });
    this.why = why;
  }
}
