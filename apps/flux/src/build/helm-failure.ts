import { ChartError, RenderError, RenderRequestError, ValuesError } from '@flux/helm';
import { ExitError } from '../command/errors.ts';

const kinds = [ChartError, RenderError, RenderRequestError, ValuesError];

/** Failures of charts as Helm prints them: these messages are whole, and their causes would only repeat them. */
export function asHelmSaysIt(error: unknown): unknown {
  const isOfHelm = error instanceof Error && kinds.some((kind) => error instanceof kind);
  return isOfHelm ? new ExitError(error.message, 1) : error;
}
