import type { GitRepository } from '@flux/api';
import type { Checkout, CheckoutOptions } from '@flux/git';
import type { ReconcileErrorOptions, Run } from '@flux/runtime';
import { ReconcileError } from '@flux/runtime';
import type { ArtifactStorage } from '../storage/artifact-storage.ts';

export type { ArtifactPlan } from '../storage/artifact-storage.ts';

/** What the steps need besides the cluster of the run. */
export interface GitRepositoryDeps {
  readonly storage: ArtifactStorage;
  /** Fetches a reference into a directory: `checkout` of the Git engine. */
  checkout(options: CheckoutOptions): Promise<Checkout>;
  /** `--requeue-dependency`: how long to wait for an include. */
  readonly requeueDependencyMs: number;
  readonly rewriteUrl?: (url: string) => string;
}

export type GitRepositoryRun = Run<GitRepository, GitRepositoryDeps>;

/** Nothing could be fetched: FetchFailed=True besides the error. */
export function fetchFailed(reason: string, message: string, options: ReconcileErrorOptions = {}): ReconcileError {
  return new ReconcileError(reason, message, { ...options, conditionType: 'FetchFailed' });
}

/** The artifact could not be stored: StorageOperationFailed=True besides the error. */
export function storageFailed(reason: string, message: string, cause: unknown): ReconcileError {
  return new ReconcileError(reason, message, { conditionType: 'StorageOperationFailed', cause });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
