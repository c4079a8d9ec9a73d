import { ReconcileError, type ReconcileErrorOptions } from '@flux/runtime';

/** Nothing could be fetched: FetchFailed=True besides the error. */
export function fetchFailed(reason: string, message: string, options: ReconcileErrorOptions = {}): ReconcileError {
  return new ReconcileError(reason, message, { ...options, conditionType: 'FetchFailed' });
}

/** The artifact could not be stored: StorageOperationFailed=True besides the error. */
export function storageFailed(reason: string, message: string, cause: unknown): ReconcileError {
  return new ReconcileError(reason, message, { conditionType: 'StorageOperationFailed', cause });
}
