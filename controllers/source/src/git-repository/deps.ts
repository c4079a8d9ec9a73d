import type { GitRepository } from '@flux/api';
import type { Checkout, CheckoutOptions } from '@flux/git';
import type { Run } from '@flux/runtime';
import type { ArtifactStorage } from '../storage/artifact-storage.ts';

// What the steps share with other kinds.
export { fetchFailed, storageFailed } from '../frame/failures.ts';
export { readSecret } from '../frame/read-secret.ts';
export { ownerOf } from '../frame/source-run.ts';
export { makeArtifactDirectory } from '../frame/store.ts';

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
