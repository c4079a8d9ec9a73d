import type { HelmRepository } from '@flux/api';
import type { Run } from '@flux/runtime';
import type { ArtifactStorage } from '../storage/artifact-storage.ts';
import type { IndexCache } from './index-cache.ts';

// What the steps share with other kinds.
export { fetchFailed, storageFailed } from '../frame/failures.ts';
export { ownerOf } from '../frame/source-run.ts';
export { linkLatest, makeArtifactDirectory } from '../frame/store.ts';
export { limitIndex, openClient, request } from '../helm-client/download.ts';
export { type HelmAccess, resolveAccess } from '../helm-client/helm-access.ts';

/** What a server said about an index, to ask next time whether it is still so. */
export interface Validator {
  readonly url: string;
  readonly revision: string;
  /** `if-none-match` or `if-modified-since`. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface HelmRepositoryDeps {
  readonly storage: ArtifactStorage;
  /** Shared with the controller of HelmCharts. */
  readonly indexes: IndexCache;
  /** `--helm-index-max-size` */
  readonly maxIndexBytes: number;
  /** By `namespace/name` of the repository. */
  readonly validators: Map<string, Validator>;
  readonly rewriteUrl?: (url: string) => string;
}

export type HelmRepositoryRun = Run<HelmRepository, HelmRepositoryDeps>;
