import { FluxError } from '@flux/errors';

/** A chart that cannot be loaded or used, worded as Helm words it (HELM-LOAD). */
export class ChartError extends FluxError {
  override readonly code = 'HELM_CHART';
}
