import type { HelmChart } from '@flux/api';
import type { Run } from '@flux/runtime';
import type { IndexCache } from '../helm-repository/index-cache.ts';
import type { ArtifactStorage } from '../storage/artifact-storage.ts';

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
  readonly rewriteUrl?: (url: string) => string;
}

export type HelmChartRun = Run<HelmChart, HelmChartDeps>;
