import { FluxError } from '@flux/errors';

/** A dependency of a chart cannot be added. */
export class DependencyError extends FluxError {
  override readonly code = 'CHART_DEPENDENCY';
}
