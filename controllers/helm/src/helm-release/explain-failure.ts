import { RenderError } from '@flux/helm';
import { NotReadyError } from '../release/wait-errors.ts';
import { explainValues, findOrigins } from './explain-values.ts';
import type { Session } from './session.ts';
import { readConfig } from './steps/compose-values.ts';

const maxLines = 5;

/**
 * Why an action failed, on lines of their own that follow Flux's text. Of a template: the values that its line reads and where
 * they come from. Of a wait: the Pods that hold it up, the state of their containers and their last events.
 */
export async function explainFailure({ run, chart }: Session, error: unknown): Promise<string> {
  if (error instanceof RenderError) {
    const origins = await findOrigins(run.object, chart, (kind, name) => readConfig(run, kind, name));
    return format(explainValues(error.message, chart, origins));
  }
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof NotReadyError) return format(cause.why);
  }
  return '';
}

function format(lines: readonly string[]): string {
  return lines
    .slice(0, maxLines)
    .map((line) => `\nWhy: ${line.replaceAll(/\s+/g, ' ')}`)
    .join('');
}
