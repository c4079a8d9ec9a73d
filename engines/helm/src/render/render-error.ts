import { FluxError } from '@flux/errors';

/** A chart does not render: a template, the YAML it gives, or what the chart demands of the cluster. Worded as Helm words it. */
export class RenderError extends FluxError {
  override readonly code = 'HELM_RENDER';
}
