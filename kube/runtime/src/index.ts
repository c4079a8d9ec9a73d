/**
 * What every Flux controller is made of: shared watches, a work queue, the reconcile frame with conditions, finalizers and
 * status patches, events, metrics, health, leader election and logs. Start with `controller.ts`: `defineController` says what
 * is particular to a kind, `startControllers` runs a set of them in one process.
 */
export { type Action, awaitChange, requeueAfter, requeueNow } from './action.ts';
export { type ConditionInput, type ConditionSet, conditionsOf } from './conditions.ts';
export { type Controller, type ControllerDefinition, defineController, type Watch } from './controller.ts';
export type { Frame, Outcome } from './frame.ts';
export type { LogFields, Logger } from './log.ts';
export { type ErrorEvent, ReconcileError, type ReconcileErrorOptions, type Retry } from './reconcile-error.ts';
export type { ProgressOptions, Run, RunEvent, Trigger } from './run.ts';
export {
  type Change,
  type Indexer,
  type KindRef,
  keyOf,
  type ObjectView,
  type WatchCache,
  type WatchSelection,
} from './watch-cache.ts';
