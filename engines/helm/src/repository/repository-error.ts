import { FluxError } from '@flux/errors';

/** A repository's index cannot be read; the message is the part of Flux's that follows `failed to load index: ` (SRC-HREPO-09). */
export class IndexError extends FluxError {
  override readonly code = 'HELM_INDEX';
}

/** The index has no such chart or no version that fits; a new index may (SRC-HCHART-09). */
export class ChartVersionError extends FluxError {
  override readonly code = 'HELM_CHART_VERSION';
}

/** A chart's address cannot be made out. */
export class ChartUrlError extends FluxError {
  override readonly code = 'HELM_CHART_URL';
}
