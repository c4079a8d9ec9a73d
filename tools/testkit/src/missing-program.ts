import { FluxError } from '@flux/errors';

/** A server program is not installed; the message names its package. */
export class MissingProgramError extends FluxError {
  override readonly code = 'MISSING_PROGRAM';
}
