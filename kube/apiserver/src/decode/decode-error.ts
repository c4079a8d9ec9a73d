import { FluxError } from '@flux/errors';

/** The body has the wrong shape for its kind; the API server answers 400. */
export class GoDecodeError extends FluxError {
  override readonly code = 'GO_DECODE';
}
