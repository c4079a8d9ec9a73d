import { type HelmChart, helmChart } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import { type Change, type Controller, defineController, keyOf, type ObjectView, summaryFrame } from '@flux/runtime';
import { cleanup } from '../frame/cleanup.ts';
import type { IndexCache } from '../helm-repository/index-cache.ts';
import type { ArtifactStorage } from '../storage/artifact-storage.ts';
import { ArchiveCache } from './archive-cache.ts';
import type { ChartSizeLimits, HelmChartDeps } from './deps.ts';
import { intervalMs, reconcile } from './reconcile.ts';

export interface HelmChartControllerOptions {
  storage: ArtifactStorage;
  /** The same as that of the HelmRepositories, so that an index is read once. */
  indexes: IndexCache;
  /** `--concurrent`. Default 4: most of the time of a chart is waiting for its download. */
  concurrency?: number;
  /** `--helm-chart-max-size`. Default 10 MiB. */
  maxChartBytes?: number;
  /** `--helm-chart-file-max-size`. Default 5 MiB. */
  maxFileBytes?: number;
  /** `--helm-index-max-size`. Default 50 MiB. */
  maxIndexBytes?: number;
  /** Charts are fetched from here instead of where their repository says. */
  rewriteUrl?: (url: string) => string;
}

const mebibyte = 1024 * 1024;
const sourceIndex = 'source';
const sourceKinds = ['HelmRepository', 'GitRepository'];

/** The controller of HelmCharts for `startControllers`; nothing runs before (SRC-HCHART). */
export function helmChartController(options: HelmChartControllerOptions): Controller {
  const { storage, indexes, concurrency = 4, rewriteUrl } = options;
  const { maxChartBytes = 10 * mebibyte, maxFileBytes = 5 * mebibyte, maxIndexBytes = 50 * mebibyte } = options;
  const limits: ChartSizeLimits = { maxChartBytes, maxFileBytes, maxIndexBytes };
  return defineController<HelmChart, HelmChartDeps>({
    name: 'source-controller',
    kind: { apiVersion: helmChart.apiVersion, kind: helmChart.kind },
    frame: summaryFrame({
      summarize: [
        'StorageOperationFailed',
        'FetchFailed',
        'BuildFailed',
        'ArtifactOutdated',
        'ArtifactInStorage',
        'SourceVerified',
        'Stalled',
        'Reconciling',
      ],
      positive: ['ArtifactInStorage', 'SourceVerified'],
      bipolar: ['SourceVerified'],
    }),
    fieldManager: 'source-controller',
    concurrency,
    deps: { storage, indexes, limits, archives: new ArchiveCache(), ...(rewriteUrl ? { rewriteUrl } : {}) },
    indexes: { [sourceIndex]: ({ spec, metadata }) => [keyOfSource(spec.sourceRef, metadata.namespace)] },
    watches: sourceKinds.map((kind) => ({
      kind: { apiVersion: helmChart.apiVersion, kind },
      replay: false,
      mapToKeys: keysForSource,
    })),
    reconcile,
    cleanup,
    interval: intervalMs,
  });
}

function keyOfSource({ kind, name }: { kind: string; name: string }, namespace = ''): string {
  return `${kind}/${namespace}/${name}`;
}

/**
 * The charts that have not seen the revision which a source got just now (SRC-HCHART-03). A repository of a registry has no
 * revisions: its charts are looked at when it appears or its spec changes.
 */
function keysForSource({ before, after, initial }: Change, own: ObjectView<HelmChart>): string[] {
  if (!after || initial) return [];
  const users = own.byIndex(
    sourceIndex,
    keyOfSource({ ...after.metadata, kind: after.kind }, after.metadata.namespace),
  );
  if (after['spec']?.type === 'oci') {
    return before?.metadata.generation === after.metadata.generation ? [] : users.map(keyOf);
  }
  const revision = revisionOf(after);
  if (!before || revision === undefined || revisionOf(before) === revision) return [];
  return users.filter(({ status }) => status?.observedSourceArtifactRevision !== revision).map(keyOf);
}

function revisionOf(source: KubeObject | undefined): string | undefined {
  return source?.['status']?.artifact?.revision;
}
