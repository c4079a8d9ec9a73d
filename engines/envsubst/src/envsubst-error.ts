import { FluxError } from '@flux/errors';

/** A substitution cannot be parsed or carried out; the text is that of fluxcd/pkg/envsubst. */
export class EnvsubstError extends FluxError {
  override readonly code = 'ENVSUBST';
}
