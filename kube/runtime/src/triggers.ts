import type { KubeObject } from '@flux/apimachinery';
import type { Trigger } from './run.ts';
import type { Change } from './watch-cache.ts';

const requestedAtAnnotation = 'reconcile.fluxcd.io/requestedAt';

/**
 * Why a change of a controller's own object starts a run, or undefined when it does not (SRC-CTL-01, KUS-FLOW-11,
 * KUS-FLOW-13): creation, a new generation, a request annotation that appeared or changed.
 */
export function ownTrigger<T extends KubeObject>(
  change: Change<T>,
  isTrigger?: (before: T, after: T) => boolean,
): Trigger['cause'] | undefined {
  const { before, after } = change;
  if (!after) return undefined;
  if (!before) return change.initial ? 'start' : 'created';
  if (before.metadata.uid !== after.metadata.uid) return 'created';
  if (before.metadata.generation !== after.metadata.generation) return 'generation';
  const requestedAt = after.metadata.annotations?.[requestedAtAnnotation];
  const isRequested = requestedAt !== undefined && requestedAt !== before.metadata.annotations?.[requestedAtAnnotation];
  if (isRequested) return 'requestedAt';
  return isTrigger?.(before, after) ? 'changed' : undefined;
}

/** One word and a subject, for the queue keeps causes as text. */
export function formatCause({ cause, subject }: Trigger): string {
  return `${cause} ${subject}`;
}

export function parseCause(text: string): Trigger {
  const space = text.indexOf(' ');
  return { cause: text.slice(0, space) as Trigger['cause'], subject: text.slice(space + 1) };
}
