import type { HelmRepository } from '@flux/api';
import { normaliseRepositoryUrl, type RepositoryIndex } from '@flux/helm';
import type { ChartRepository } from '../helm-client/chart-repository.ts';
import { downloadIndex } from '../helm-client/download-index.ts';
import type { HelmAccess } from '../helm-client/helm-access.ts';
import { IndexRepository } from '../helm-client/index-repository.ts';
import { RegistryRepository } from '../helm-client/registry-repository.ts';
import type { HelmChartRun } from './deps.ts';

interface Options {
  access: HelmAccess;
  /** Whose index is taken from storage; without one it is downloaded. */
  repository: HelmRepository | undefined;
  /** Who asks, for the metrics of the cache. */
  owner: { name: string; namespace: string };
}

/** The charts of a repository, over HTTP or in a registry. */
export function openRepository(run: HelmChartRun, { access, repository, owner }: Options): ChartRepository {
  const { storage, indexes, limits } = run.deps;
  const common = {
    access: { ...access, url: normaliseRepositoryUrl(access.url) },
    maxChartBytes: limits.maxChartBytes,
    signal: run.signal,
  };
  if (common.access.url.startsWith('oci://')) return new RegistryRepository(common);
  let downloaded: Promise<RepositoryIndex> | undefined;
  const loadIndex = () => {
    const artifact = repository?.status?.artifact;
    if (artifact) return indexes.get(artifact, storage, owner);
    downloaded ??= downloadIndex(common.access, { maxBytes: limits.maxIndexBytes, signal: run.signal });
    return downloaded;
  };
  return new IndexRepository({ ...common, loadIndex });
}
