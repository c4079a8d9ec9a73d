/**
 * What every Flux controller is made of: shared watches, a work queue, the reconcile frame with conditions, finalizers and
 * status patches, events, metrics, health, leader election and logs. Start with `definition.ts`: it says what
 * is particular to a kind; `startControllers` runs a set of them in one process.
 */
export { type Action, awaitChange, holdBack, requeueAfter, requeueNow } from './action.ts';
export { type ConditionInput, type ConditionSet, conditionsOf, isReady } from './conditions.ts';
export { type Controller, defineController } from './controller.ts';
export { createLog, type LogLevel, type LogOptions } from './create-log.ts';
export type { ControllerDefinition, Watch } from './definition.ts';
export { formatForwardedEvent } from './event-forwarder.ts';
export {
  dependencyKeys,
  fanOutIndexes,
  fanOutWatches,
  keysWaitingFor,
  type PassProgress,
  refKey,
  usersOfConfig,
} from './fan-out.ts';
export type { Frame, Outcome } from './frame.ts';
export { ListenError } from './health-server.ts';
export type { ControllerHost, EventSink, ObjectEvent, RunningController } from './host.ts';
export {
  acquireLeadership,
  type LeaderElectionOptions,
  type Leadership,
  LeadershipLostError,
  leaderElectionId,
} from './leader-election.ts';
export { createRun, type LiveRunOptions } from './live-run.ts';
export { type LogFields, type Logger, silentLog } from './log.ts';
export { type Metrics, noMetrics } from './metrics.ts';
export { newerRequest } from './newer-request.ts';
export { orAborted } from './or-aborted.ts';
export { prometheusMetrics } from './prometheus.ts';
export { failureEvent, observeGeneration, type ReadyFrameOptions, readyFrame } from './ready-frame.ts';
export {
  type ErrorEvent,
  invalidExpression,
  ReconcileError,
  type ReconcileErrorOptions,
  type Retry,
} from './reconcile-error.ts';
export { isOlder } from './resource-version.ts';
export { type ProgressOptions, type Run, type RunEvent, Superseded, type Trigger } from './run.ts';
export { createWatchCache, type WatchCacheOptions } from './shared-watches.ts';
export { type RunningControllers, type StartOptions, startControllers } from './start-controllers.ts';
export { NotReadyError, type SummaryFrameOptions, summaryFrame } from './summary-frame.ts';
export {
  type Change,
  type Indexer,
  type KindRef,
  keyOf,
  type ObjectView,
  type WatchCache,
  type WatchSelection,
} from './watch-cache.ts';
export { WorkQueue, type WorkQueueOptions } from './work-queue.ts';
