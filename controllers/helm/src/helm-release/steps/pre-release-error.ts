import { ReconcileError } from '@flux/runtime';

/** A failure before the release loop, tried again with back-off; by default without an event (HELM-FLOW-10). */
export function preReleaseError(
  reason: string,
  message: string,
  options: { cause?: unknown; hasEvent?: boolean; eventMessage?: string } = {},
): ReconcileError {
  const { cause, hasEvent = false, eventMessage } = options;
  return new ReconcileError(reason, message, {
    retry: 'backoff',
    event: hasEvent ? 'warning' : 'none',
    eventMetadata: {},
    ...(eventMessage === undefined ? {} : { eventMessage }),
    ...(cause === undefined ? {} : { cause }),
  });
}
