import { FluxError, type FluxErrorOptions, messageOf } from '@flux/errors';

/** Which failures callers tell apart; everything else is `failed`. */
export type ReleaseErrorReason =
  | 'not-found'
  | 'no-deployed-releases'
  | 'exists'
  | 'pending'
  | 'name-in-use'
  | 'already-deleted'
  | 'storage'
  | 'failed';

/** An action on a release, or its storage, failed; the text is Helm's. */
export class ReleaseError extends FluxError {
  override readonly code = 'HELM_RELEASE';
  readonly reason: ReleaseErrorReason;

  constructor(message: string, options: FluxErrorOptions & { reason?: ReleaseErrorReason } = {}) {
    super(message, options);
    this.reason = options.reason ?? 'failed';
  }
}

/** Several objects failed; the message is theirs, joined as Helm joins them (HELM-KUBE-03 and -04). */
export class JoinedError extends FluxError {
  override readonly code = 'HELM_RELEASE_OBJECTS';
  readonly errors: readonly unknown[];

  constructor(errors: readonly unknown[], separator: string) {
    super(errors.map(messageOf).join(separator), { cause: errors[0] });
    this.errors = errors;
  }
}

/** The error itself when there is only one. */
export function joinErrors(errors: readonly unknown[], separator: string): unknown {
  return errors.length === 1 ? errors[0] : new JoinedError(errors, separator);
}

/** The same failure with words of ours before its text. */
export function wrapError(prefix: string, cause: unknown): ReleaseError {
  return new ReleaseError(`${prefix}: ${messageOf(cause)}`, { cause });
}

export function notFoundError(): ReleaseError {
  return new ReleaseError('release: not found', { reason: 'not-found' });
}

export function noDeployedReleases(name: string): ReleaseError {
  return new ReleaseError(`${JSON.stringify(name)} has no deployed releases`, { reason: 'no-deployed-releases' });
}

export function pendingError(cause?: unknown): ReleaseError {
  const text = 'another operation (install/upgrade/rollback) is in progress';
  return new ReleaseError(text, { reason: 'pending', ...(cause === undefined ? {} : { cause }) });
}
