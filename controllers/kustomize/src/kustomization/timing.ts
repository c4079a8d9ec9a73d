import type { Kustomization } from '@flux/api';
import { formatDuration, parseDuration } from '@flux/gotypes';

const minTimeoutMs = 30_000;

/** Milliseconds of `spec.interval`. */
export function intervalMs({ spec }: Kustomization): number {
  return parseDuration(spec.interval);
}

/** How long to wait after a failure: `retryInterval`, else the interval. */
export function retryMs({ spec }: Kustomization): number {
  return parseDuration(spec.retryInterval ?? spec.interval);
}

/** KUS-API-06: explicit, or the interval less 30 s; never below 30 s. */
export function timeoutMs(object: Kustomization): number {
  const { timeout } = object.spec;
  return Math.max(timeout ? parseDuration(timeout) : intervalMs(object) - minTimeoutMs, minTimeoutMs);
}

/** `30s`, `9m30s`: the timeout as messages have it. */
export function formatTimeout(object: Kustomization): string {
  return formatDuration(timeoutMs(object));
}

/** The time between two instants in Go's form. */
export function formatElapsed(from: Date, to: Date): string {
  return formatDuration(to.getTime() - from.getTime());
}
