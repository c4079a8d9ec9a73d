import { statSync } from 'node:fs';
import type { Artifact } from '@flux/api';
import { messageOf } from '@flux/errors';
import { type IgnoreRules, sourceIgnoreRules } from '@flux/fs';
import type { Checkout } from '@flux/git';
import { ReconcileError } from '@flux/runtime';
import { contentConfigChanged, hasRevision, includesDiffer } from '../content-config.ts';
import { type GitRepositoryRun, makeArtifactDirectory, ownerOf, storageFailed } from '../deps.ts';
import { markStored } from './check-out.ts';

interface StoreInput {
  directory: string;
  checkout: Checkout;
  includes: readonly Artifact[];
}

/** Archives the directory unless the current artifact has the same content (SRC-GIT-60..62). */
export async function storeArtifact(
  run: GitRepositoryRun,
  { directory, checkout, includes }: StoreInput,
): Promise<void> {
  const { object, conditions } = run;
  if (isCurrent(run, checkout.revision, includes)) {
    const message = `artifact up-to-date with remote revision: '${object.status?.artifact?.revision}'`;
    run.event({ type: 'Normal', reason: 'ArtifactUpToDate', message, forward: false });
  } else {
    const artifact = await archive(run, directory, checkout);
    recordObservations(run, artifact, includes);
    conditions.delete('StorageOperationFailed');
  }
  conditions.delete('ArtifactOutdated');
  markStored(run, object.status?.artifact?.revision ?? checkout.revision);
}

function isCurrent({ object }: GitRepositoryRun, revision: string, includes: readonly Artifact[]): boolean {
  return (
    hasRevision(object.status?.artifact, revision) &&
    !includesDiffer(includes, object.status?.includedArtifacts) &&
    !contentConfigChanged(object, includes)
  );
}

async function archive(run: GitRepositoryRun, directory: string, checkout: Checkout): Promise<Artifact> {
  const { storage } = run.deps;
  const plan = storage.plan(ownerOf(run), checkout.revision, `${checkout.commit?.hash}.tar.gz`);
  checkDirectory(directory);
  await makeArtifactDirectory(run, plan);
  const ignore = readIgnoreRules(run, directory);
  try {
    return await storage.archive(plan, directory, ignore, run.signal);
  } catch (error) {
    run.signal.throwIfAborted();
    throw storageFailed('ArchiveOperationFailed', `unable to archive artifact to storage: ${messageOf(error)}`, error);
  }
}

function checkDirectory(directory: string): void {
  const found = statSync(directory, { throwIfNoEntry: false });
  if (!found) {
    const text = `failed to stat target artifact path: stat ${directory}: no such file or directory`;
    throw storageFailed('StatOperationFailed', text, undefined);
  }
  if (!found.isDirectory()) {
    throw storageFailed('InvalidPath', `invalid target path: '${directory}' is not a directory`, undefined);
  }
}

function readIgnoreRules({ object }: GitRepositoryRun, directory: string): IgnoreRules {
  try {
    return sourceIgnoreRules(directory, object.spec.ignore);
  } catch (error) {
    const text = `failed to load source ignore patterns from repository: ${messageOf(error)}`;
    throw new ReconcileError('SourceIgnoreError', text, { cause: error });
  }
}

/** What the next pass compares with; only ever written together with the artifact (SRC-GIT-62). */
function recordObservations({ object }: GitRepositoryRun, artifact: Artifact, includes: readonly Artifact[]): void {
  const { spec } = object;
  const {
    includedArtifacts,
    observedIgnore,
    observedRecurseSubmodules,
    observedInclude,
    observedSparseCheckout,
    ...rest
  } = object.status ?? {};
  object.status = {
    ...rest,
    artifact,
    ...(includes.length > 0 ? { includedArtifacts: [...includes] } : {}),
    ...(spec.ignore !== undefined ? { observedIgnore: spec.ignore } : {}),
    ...(spec.recurseSubmodules ? { observedRecurseSubmodules: true } : {}),
    ...(spec.include && spec.include.length > 0 ? { observedInclude: spec.include } : {}),
    ...(spec.sparseCheckout && spec.sparseCheckout.length > 0 ? { observedSparseCheckout: spec.sparseCheckout } : {}),
  };
}
