import { FluxError } from '@flux/errors';

export type GitFailure =
  | 'authentication'
  | 'repositoryNotFound'
  | 'refNotFound'
  | 'emptyRepository'
  | 'connection'
  | 'timeout'
  | 'invalid'
  | 'process';

/** A Git operation failed. Messages are worded as go-git's, because users and tools match on Flux's texts (SRC-GIT-33). */
export class GitError extends FluxError {
  override readonly code = 'GIT';
  readonly failure: GitFailure;

  constructor(failure: GitFailure, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.failure = failure;
  }
}

/** The same failure with words before its message. */
export function prefixed(error: unknown, prefix: string): unknown {
  return error instanceof GitError
    ? new GitError(error.failure, `${prefix}: ${error.message}`, { cause: error.cause ?? error })
    : error;
}
