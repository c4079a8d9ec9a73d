import { FluxError } from '@flux/errors';

/** A kustomization that cannot be built; the message reads as kustomize's own. */
export class BuildError extends FluxError {
  override readonly code = 'KUSTOMIZE_BUILD';
}

/** The text of anything thrown, for messages that quote an earlier failure. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Runs `action`; a failure is reported as `prefix: failure`, as kustomize wraps its errors. */
export function withPrefix<T>(prefix: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new BuildError(`${prefix}: ${error.message}`, { cause: error });
  }
}

/** Go's `%q` for the strings that appear in messages. */
export function quote(text: string): string {
  return JSON.stringify(text);
}
