import type { KubeObject } from '@flux/apimachinery';
import type { Action } from './action.ts';
import type { ReconcileError, Retry } from './reconcile-error.ts';
import type { ProgressOptions, Run, RunEvent } from './run.ts';

/** How a pass ended, before the closing status patch. */
export type Outcome =
  | { readonly type: 'done'; readonly action: Action }
  | { readonly type: 'failed'; readonly error: ReconcileError; readonly retry: Retry }
  | { readonly type: 'suspended' | 'finalizerAdded' | 'deleted' | 'canceled' | 'static' };

/**
 * How a controller tells its user what is going on: which conditions a pass sets and when a generation counts as observed.
 * `readyFrame` is the manner of kustomize-controller, `summaryFrame` that of source-controller.
 */
export interface Frame {
  /** Overwritten on every patch; other types in the object belong to somebody else and stay (SRC-CTL-17). */
  readonly ownedConditions: readonly string[];
  /** Before `reconcile`; not when suspended or deleted. */
  begin(run: Run<KubeObject>): Promise<void>;
  /** Sets the conditions of `run.progress`; true when they are to be written should the step take a while. */
  progress(run: Run<KubeObject>, message: string, options: ProgressOptions): boolean;
  succeed(run: Run<KubeObject>, reason: string, message: string): void;
  /** Sets the conditions of a failure and names its event. */
  fail(run: Run<KubeObject>, error: ReconcileError, retry: Retry): RunEvent | undefined;
  /**
   * Last word before the closing patch: Ready, Reconciling, observedGeneration. An error that comes back replaces the
   * outcome and is retried with back-off (SRC-CTL-15).
   */
  close(run: Run<KubeObject>, outcome: Outcome): Error | undefined;
}
