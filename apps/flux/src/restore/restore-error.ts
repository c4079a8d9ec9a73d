import { FluxError } from '@flux/errors';

/** The archive is not restored, or not to the end; what was restored stays, and the next run goes on from there. */
export class RestoreError extends FluxError {
  override readonly code = 'RESTORE';
}
