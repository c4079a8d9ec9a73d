import type { ChartFile, ChartLock, ChartMetadata, Values } from '../chart/chart.ts';

export type ReleaseStatus =
  | 'unknown'
  | 'deployed'
  | 'uninstalled'
  | 'superseded'
  | 'failed'
  | 'uninstalling'
  | 'pending-install'
  | 'pending-upgrade'
  | 'pending-rollback';

export type HookEvent =
  | 'pre-install'
  | 'post-install'
  | 'pre-delete'
  | 'post-delete'
  | 'pre-upgrade'
  | 'post-upgrade'
  | 'pre-rollback'
  | 'post-rollback'
  | 'test';

export interface HookRun {
  started_at?: string;
  completed_at?: string;
  phase: '' | 'Unknown' | 'Running' | 'Succeeded' | 'Failed';
}

/** A hook as Helm stores it (HELM-HOOK, HELM-STORE-03); field names are those of the stored JSON. */
export interface Hook {
  name: string;
  kind: string;
  path: string;
  manifest: string;
  events: HookEvent[];
  last_run: HookRun;
  weight?: number;
  delete_policies?: string[];
  output_log_policies?: string[];
}

export interface ReleaseInfo {
  first_deployed?: string;
  last_deployed?: string;
  deleted?: string;
  description?: string;
  status: ReleaseStatus;
  notes?: string;
}

/** The part of a chart that a release keeps; subcharts are not stored. */
export interface ReleaseChart {
  metadata: ChartMetadata;
  lock?: ChartLock;
  templates: readonly ChartFile[];
  values: Values;
  schema?: Uint8Array;
  files: readonly ChartFile[];
}

/** A release, one revision of it, as Helm's storage holds it (HELM-STORE-03). Times are RFC 3339 with nanoseconds. */
export interface Release {
  name: string;
  info: ReleaseInfo;
  chart: ReleaseChart;
  /** The user's values. */
  config?: Values;
  manifest: string;
  hooks: Hook[];
  version: number;
  namespace: string;
  /** Custom labels of the storage object; not part of the stored JSON. */
  labels?: Record<string, string>;
  apply_method?: 'ssa' | 'csa';
}
