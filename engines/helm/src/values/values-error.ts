import { FluxError } from '@flux/errors';

/** Values that cannot be read, set, merged or found, worded as Helm words it. */
export class ValuesError extends FluxError {
  override readonly code = 'HELM_VALUES';
}
