import { type HelmRepository, helmRepository } from '@flux/api';
import { type Controller, defineController, keyOf, summaryFrame } from '@flux/runtime';
import { cleanup } from '../frame/cleanup.ts';
import type { ArtifactStorage } from '../storage/artifact-storage.ts';
import type { HelmRepositoryDeps, HelmRepositoryRun } from './deps.ts';
import type { IndexCache } from './index-cache.ts';
import { intervalMs, reconcile } from './reconcile.ts';

export interface HelmRepositoryControllerOptions {
  storage: ArtifactStorage;
  /** The same as that of the HelmCharts, so that an index is read once. */
  indexes: IndexCache;
  /** `--concurrent`. Default 2. */
  concurrency?: number;
  /** `--helm-index-max-size`. Default 50 MiB. */
  maxIndexBytes?: number;
  /** Repositories are read from here instead of their `spec.url`. */
  rewriteUrl?: (url: string) => string;
}

const defaultMaxIndexBytes = 50 * 1024 * 1024;

/** The controller of HelmRepositories for `startControllers`; nothing runs before (SRC-HREPO). */
export function helmRepositoryController(options: HelmRepositoryControllerOptions): Controller {
  const { storage, indexes, concurrency = 2, maxIndexBytes = defaultMaxIndexBytes, rewriteUrl } = options;
  return defineController<HelmRepository, HelmRepositoryDeps>({
    name: 'source-controller',
    kind: { apiVersion: helmRepository.apiVersion, kind: helmRepository.kind },
    frame: summaryFrame({
      summarize: [
        'StorageOperationFailed',
        'FetchFailed',
        'ArtifactOutdated',
        'ArtifactInStorage',
        'Stalled',
        'Reconciling',
      ],
      positive: ['ArtifactInStorage'],
    }),
    fieldManager: 'source-controller',
    concurrency,
    deps: { storage, indexes, maxIndexBytes, validators: new Map(), ...(rewriteUrl ? { rewriteUrl } : {}) },
    isStatic: ({ spec }) => spec.type === 'oci',
    reconcile,
    cleanup: forget,
    interval: intervalMs,
  });
}

/** Also what is kept in memory of the repository. */
async function forget(run: HelmRepositoryRun): Promise<undefined> {
  const { artifact } = run.object.status ?? {};
  if (artifact) run.deps.indexes.forget(artifact.path);
  run.deps.validators.delete(keyOf(run.object));
  const { name, namespace = '' } = run.object.metadata;
  run.deps.indexes.forgetUser({ name, namespace });
  return cleanup(run);
}
