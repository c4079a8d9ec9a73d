/**
 * When a reconciled object is looked at again without a change. There are only these constructors, so a result is never a
 * zero value to guess about; a failure is thrown as `ReconcileError` and never returned.
 */
export type Action =
  | { readonly type: 'requeueAfter'; readonly ms: number; readonly exact: boolean }
  | { readonly type: 'requeueNow' }
  | { readonly type: 'holdBack'; readonly ms: number }
  | { readonly type: 'awaitChange' };

/** Reconcile again after `ms`, spread by the interval jitter of the process unless `exact`. */
export function requeueAfter(ms: number, options: { exact?: boolean } = {}): Action {
  return { type: 'requeueAfter', ms, exact: options.exact ?? false };
}

/** Reconcile again soon: the delay is the back-off of the object (SRC-CTL-19). */
export function requeueNow(): Action {
  return { type: 'requeueNow' };
}

/**
 * What the pass waits for is on its way and there is nothing to tell yet: the object stays as it is, with its request
 * unhandled, and the next pass comes after `ms` unless a change comes first.
 */
export function holdBack(ms: number): Action {
  return { type: 'holdBack', ms };
}

/** Reconcile again only when a watch says that something changed. */
export function awaitChange(): Action {
  return { type: 'awaitChange' };
}
