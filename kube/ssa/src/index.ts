/**
 * Server-side apply as Flux does it: stages, drift, takeover of fields, inventory, deletion, diff and readiness by watch.
 * Start with `applyAllStaged` and `waitForReady`; `computeStatus` is the readiness of one object, without any I/O.
 */
export { applyAllStaged } from './apply.ts';
export { ApplyMemory, payloadDigest } from './apply-memory.ts';
export {
  type ApplyOptions,
  type CleanupOptions,
  kustomizeApplyRules,
  kustomizeOwner,
  kustomizePruneExclusions,
} from './apply-options.ts';
export {
  type Change,
  type ChangeAction,
  type ChangeSet,
  formatChange,
  formatRef,
  identityOf,
  writtenLines,
} from './change-set.ts';
export { type DeleteOptions, deleteAll, waitForTermination } from './delete.ts';
export { type DiffOptions, diffObject, type ObjectDiff } from './diff.ts';
export { ApplyError, DeleteError, ObjectApplyError, WaitError } from './errors.ts';
export { type TakenOverManager, takeOverFields } from './field-managers.ts';
export {
  compileIgnoreRules,
  type IgnoreRule,
  IgnoreRuleError,
  type IgnoreTarget,
  withoutIgnoredFields,
} from './ignore-rules.ts';
export {
  formatInventoryId,
  type Inventory,
  type InventoryEntry,
  InventoryError,
  inventoryEntryOf,
  inventoryOf,
  parseInventoryEntry,
  staleEntries,
} from './inventory.ts';
export { type ComputeOptions, computeStatus } from './kstatus/compute.ts';
export {
  HealthExpressionError,
  type HealthExpressions,
  healthExpressionReader,
} from './kstatus/health-expressions.ts';
export type { ReadyStatus, StatusResult } from './kstatus/result.ts';
export { jobStatusReader, judge, type StatusReader } from './kstatus/status-reader.ts';
export { mapConcurrently } from './map-concurrently.ts';
export { maskSecretValues } from './mask.ts';
export { type MetadataSelector, matchesMetadata } from './metadata-match.ts';
export { isSecret, NormalizeError, normalizeObjects } from './normalize/normalize.ts';
export { clusterObjectWatch, type ObjectListener, type ObjectWatch, waitUntilGone } from './object-watch.ts';
export { parseStageKinds, sortForApply } from './order.ts';
export { type Owner, ownerLabels, withMetadata } from './ownership.ts';
export { type ObservedStatus, removesItself, type WaitTarget } from './readiness-observer.ts';
export { readyExpressionProblem } from './ready-expression.ts';
export { applyDefinitions, waitForDefinitions, waitUntilServed } from './served-kinds.ts';
export { type WaitOptions, waitForReady } from './wait.ts';
