/**
 * source-controller: fetches sources and keeps them as artifacts for other controllers. Start with
 * `git-repository/reconcile.ts`; a process opens an `ArtifactStorage`, serves it with `serveFiles` and runs the controllers.
 */
export { type GitRepositoryControllerOptions, gitRepositoryController } from './git-repository/controller.ts';
export { type HelmChartControllerOptions, helmChartController } from './helm-chart/controller.ts';
export { type HelmRepositoryControllerOptions, helmRepositoryController } from './helm-repository/controller.ts';
export {
  IndexCache,
  type IndexCacheObserver,
  type IndexCacheOptions,
  type IndexUser,
  indexCacheMetrics,
} from './helm-repository/index-cache.ts';
export {
  type ArtifactOwner,
  type ArtifactPlan,
  ArtifactStorage,
  type ArtifactStorageOptions,
  StorageError,
} from './storage/artifact-storage.ts';
export { type FileServer, FileServerError, type FileServerOptions, serveFiles } from './storage/file-server.ts';
export type { Retention } from './storage/garbage.ts';
