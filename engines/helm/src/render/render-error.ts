import { FluxError } from '@flux/errors';

/** A chart does not render: a template, the YAML it gives, or what the chart demands of the cluster. Worded as Helm words it. */
export class RenderError extends FluxError {
  override readonly code = 'HELM_RENDER';
}

/** What is asked for cannot be rendered at all: a library, a name that no release can have, a file that the chart has not. */
export class RenderRequestError extends FluxError {
  override readonly code = 'HELM_RENDER_REQUEST';
}
