import type { HelmChart } from '@flux/api';
import type { Run } from '@flux/runtime';
import type { IndexCache } from '../helm-repository/index-cache.ts';
import type { ArtifactStorage } from '../storage/artifact-storage.ts';
import type { ArchiveCache } from './archive-cache.ts';

// What the steps share with other kinds.
export { fetchFailed, storageFailed } from '../frame/failures.ts';
export { withFrugalMemory } from '../frame/frugal-memory.ts';
export { getSecret } from '../frame/read-secret.ts';
export { ownerOf } from '../frame/source-run.ts';
export { linkLatest, makeArtifactDirectory } from '../frame/store.ts';
export { makeWorkDirectory } from '../frame/work-directory.ts';
export type { ChartRepository, OfferedChart } from '../helm-client/chart-repository.ts';
export { anonymousAccess, type HelmAccess, resolveAccess } from '../helm-client/helm-access.ts';

export interface ChartSizeLimits {
  /** `--helm-chart-max-size`: of a packaged chart. */
  readonly maxChartBytes: number;
  /** `--helm-chart-file-max-size`: of a file in a chart. */
  readonly maxFileBytes: number;
  /** `--helm-index-max-size`: of an index that is downloaded for a dependency. */
  readonly maxIndexBytes: number;
}

export interface HelmChartDeps {
  readonly storage: ArtifactStorage;
  /** Shared with the controller of HelmRepositories. */
  readonly indexes: IndexCache;
  readonly limits: ChartSizeLimits;
  readonly archives: ArchiveCache;
  readonly rewriteUrl?: (url: string) => string;
}

export type HelmChartRun = Run<HelmChart, HelmChartDeps>;
