import type { Artifact, HelmRelease } from '@flux/api';
import type { ServiceAccountTokens } from '@flux/client';
import type { Chart } from '@flux/helm';
import type { PassProgress, Run } from '@flux/runtime';
import type { ApplyMemory } from '@flux/ssa';
import type { ClusterFacts } from './actions/cluster-facts.ts';
import type { HelmSettings } from './settings.ts';
import type { SettledReleases } from './settled-releases.ts';

/** What the steps need besides the cluster of the run. */
export interface HelmDeps {
  readonly settings: HelmSettings;
  /** Downloads, verifies and parses; the chart is shared between passes and must not be changed. */
  loadChart(artifact: Artifact, signal: AbortSignal): Promise<Chart>;
  /** Passes under way, by `namespace/name`. */
  readonly attempts: Map<string, PassProgress>;
  /** Of ServiceAccounts, for remote clusters. */
  readonly tokens: ServiceAccountTokens;
  readonly facts: ClusterFacts;
  /** HelmCharts that are known to be ours, by the `namespace/name` of their HelmRelease. */
  readonly charts: Map<string, MadeChart>;
  readonly settled: SettledReleases;
  /** Objects that were found without drift. */
  readonly memory: ApplyMemory;
}

/** A HelmChart as it was last written or read. */
export interface MadeChart {
  readonly uid: string;
  readonly resourceVersion: string;
  /** When we changed it, in milliseconds; 0 when that was another process, or when what became of it has been told. */
  readonly writtenAt: number;
}

export type HelmRun = Run<HelmRelease, HelmDeps>;
