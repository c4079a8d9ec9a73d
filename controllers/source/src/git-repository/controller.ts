import { type GitRepository, gitRepository } from '@flux/api';
import type { CheckoutOptions } from '@flux/git';
import { type Controller, defineController, summaryFrame } from '@flux/runtime';
import { cleanup } from '../frame/cleanup.ts';
import type { ArtifactStorage } from '../storage/artifact-storage.ts';
import type { GitRepositoryDeps } from './deps.ts';
import { intervalMs, reconcile } from './reconcile.ts';

export interface GitRepositoryControllerOptions {
  storage: ArtifactStorage;
  /** `--concurrent`. Default 2. */
  concurrency?: number;
  /** `--requeue-dependency`. Default 30 s. */
  requeueDependencyMs?: number;
  /** Repositories are fetched from here instead of their `spec.url`. */
  rewriteUrl?: (url: string) => string;
}

/** The controller of GitRepositories for `startControllers`; nothing runs before (SRC-GIT). */
export function gitRepositoryController(options: GitRepositoryControllerOptions): Controller {
  const { storage, concurrency = 2, requeueDependencyMs = 30_000, rewriteUrl } = options;
  return defineController<GitRepository, GitRepositoryDeps>({
    name: 'source-controller',
    kind: { apiVersion: gitRepository.apiVersion, kind: gitRepository.kind },
    frame: summaryFrame({
      summarize: [
        'StorageOperationFailed',
        'FetchFailed',
        'IncludeUnavailable',
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
    deps: {
      storage,
      requeueDependencyMs,
      checkout: async (request: CheckoutOptions) => (await import('@flux/git')).checkout(request),
      ...(rewriteUrl ? { rewriteUrl } : {}),
    },
    reconcile,
    cleanup,
    interval: intervalMs,
  });
}
