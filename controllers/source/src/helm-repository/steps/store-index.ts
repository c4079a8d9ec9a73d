import { messageOf } from '@flux/errors';
import { indexToJson, type RepositoryIndex } from '@flux/helm';
import {
  fetchFailed,
  type HelmRepositoryRun,
  linkLatest,
  makeArtifactDirectory,
  ownerOf,
  storageFailed,
} from '../deps.ts';
import { readIndexFile } from '../index-cache.ts';
import type { FetchedIndex } from './fetch-index.ts';

/** Checks a new index and keeps it as the artifact, written out as JSON (SRC-HREPO-09..11). */
export async function storeIndex(run: HelmRepositoryRun, { revision, file }: FetchedIndex): Promise<void> {
  const { object, conditions } = run;
  if (file === undefined) {
    conditions.delete('FetchFailed');
    const message = `artifact up-to-date with remote revision: '${revision}'`;
    run.event({ type: 'Normal', reason: 'ArtifactUpToDate', message, forward: false });
  } else {
    const index = await parse(file);
    conditions.delete('FetchFailed');
    await announce(run, revision);
    await store(run, revision, index);
    conditions.delete('StorageOperationFailed');
  }
  if (object.status?.artifact) run.deps.indexes.keep(object.status.artifact.path);
  conditions.delete('ArtifactOutdated');
  const message = `stored artifact: revision '${revision}'`;
  conditions.set({ type: 'ArtifactInStorage', status: 'True', reason: 'Succeeded', message });
}

async function parse(file: string): Promise<RepositoryIndex> {
  try {
    return await readIndexFile(file);
  } catch (error) {
    const text = `failed to load Helm repository from index YAML: failed to load index: ${messageOf(error)}`;
    throw fetchFailed('IndexationFailed', text, { cause: error });
  }
}

async function announce(run: HelmRepositoryRun, revision: string): Promise<void> {
  const message = `new index revision '${revision}'`;
  if (run.object.status?.artifact) {
    run.conditions.set({ type: 'ArtifactOutdated', status: 'True', reason: 'NewRevision', message });
  }
  await run.progress(`building artifact: ${message}`, { drift: true });
}

async function store(run: HelmRepositoryRun, revision: string, index: RepositoryIndex): Promise<void> {
  const { object, deps } = run;
  const fileName = `index-${revision.slice(revision.indexOf(':') + 1)}.yaml`;
  const plan = deps.storage.plan(ownerOf(run), revision, fileName);
  await makeArtifactDirectory(run, plan);
  const previous = object.status?.artifact?.path;
  try {
    object.status = { ...object.status, artifact: await deps.storage.write(plan, indexToJson(index)) };
  } catch (error) {
    run.signal.throwIfAborted();
    throw storageFailed('ArchiveOperationFailed', `unable to save artifact to storage: ${messageOf(error)}`, error);
  }
  if (previous !== undefined && previous !== plan.path) deps.indexes.forget(previous);
  const refusal = deps.indexes.add(plan.path, index);
  if (refusal) {
    const message = `failed to cache index: ${refusal}`;
    run.event({ type: 'Normal', reason: 'CacheOperationFailed', message, forward: false });
  }
  await linkLatest(run, 'index.yaml');
}
