import { FluxError } from '@flux/errors';

/** Why a request did not give what was asked for. */
export type HttpFailure = 'connection' | 'status' | 'tooLarge' | 'redirect' | 'timeout';

/** A request failed. The message has Go's form, `Get "<url>": dial tcp …`, because users and tools match on it. */
export class HttpError extends FluxError {
  override readonly code = 'HTTP';
  readonly failure: HttpFailure;
  /** The HTTP status where there was an answer. */
  readonly status: number | undefined;

  constructor(failure: HttpFailure, message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.failure = failure;
    this.status = options.status;
  }
}
