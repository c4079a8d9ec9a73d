import { FluxError } from '@flux/errors';

/**
 * What happens after a failure: `backoff` is the exponential delay of the object, `interval` waits for `spec.interval`,
 * `stalled` waits for a change of the object, `ignore` counts as a success in which nothing was done.
 */
export type Retry = 'backoff' | 'interval' | 'stalled' | 'ignore' | { readonly afterMs: number };

/** `warning` and `normal` are also forwarded to the events address; `trace` is a Normal Kubernetes Event only. */
export type ErrorEvent = 'warning' | 'normal' | 'trace' | 'none';

export interface ReconcileErrorOptions {
  /** Unset means the `retry` of the controller. */
  retry?: Retry;
  /** Unset means the frame's choice for this kind of failure, mostly `warning`. */
  event?: ErrorEvent;
  /** Text of event and log where it differs from the condition's message (KUS-AUTH-05). */
  eventMessage?: string;
  /** Replaces the metadata of the pass on the event. */
  eventMetadata?: Readonly<Record<string, string>>;
  /** A condition of negative polarity that becomes True besides Ready, such as `FetchFailed`. */
  conditionType?: string;
  /** With `stalled`: the generation counts as observed although it failed (KUS-FLOW-08). Frames decide when unset. */
  observed?: boolean;
  cause?: unknown;
}

/** A step failed. The runtime turns this into the condition, event, log line, history entry and requeue. */
export class ReconcileError extends FluxError {
  override readonly code = 'RECONCILE_FAILED';
  /** Reason of the condition and the event, such as `BuildFailed`. */
  readonly reason: string;
  readonly retry: Retry | undefined;
  readonly event: ErrorEvent | undefined;
  readonly eventMessage: string | undefined;
  readonly eventMetadata: Readonly<Record<string, string>> | undefined;
  readonly conditionType: string | undefined;
  readonly observed: boolean | undefined;

  constructor(reason: string, message: string, options: ReconcileErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.reason = reason;
    this.retry = options.retry;
    this.event = options.event;
    this.eventMessage = options.eventMessage;
    this.eventMetadata = options.eventMetadata;
    this.conditionType = options.conditionType;
    this.observed = options.observed;
  }
}

/** An expression in the spec cannot be used: nothing but a change of the spec helps (KUS-FLOW-08, HELM-FLOW-01). */
export function invalidExpression(cause: Error, options: ReconcileErrorOptions = {}): ReconcileError {
  const message = `Reconciliation failed terminally due to configuration error: ${cause.message}`;
  return new ReconcileError('InvalidCELExpression', message, { retry: 'stalled', observed: true, cause, ...options });
}
