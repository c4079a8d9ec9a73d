import { lstatSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Artifact } from '@flux/api';
import { messageOf } from '@flux/errors';
import { type Checkout, type GitCredentials, GitError, type GitProxy } from '@flux/git';
import { parseDuration } from '@flux/gotypes';
import { ReconcileError } from '@flux/runtime';
import { contentConfigChanged, hasRevision } from '../content-config.ts';
import { fetchFailed, type GitRepositoryRun } from '../deps.ts';

interface CheckOutInput {
  directory: string;
  credentials: GitCredentials;
  proxy: GitProxy | undefined;
  includes: readonly Artifact[];
}

/**
 * Brings the files of the reference into the directory. Throws an ignored error when nothing changed since the current
 * artifact, which ends the pass as a success (SRC-GIT-16).
 */
export async function checkOut(run: GitRepositoryRun, input: CheckOutInput): Promise<Checkout> {
  const { object, conditions } = run;
  const known = conditions.isTrue('ArtifactInStorage') ? object.status?.artifact?.revision : undefined;
  let result = await cloneRepository(run, input, known);
  if (result.commit === undefined) {
    if (!contentConfigChanged(object, input.includes)) throw noChanges(run, result.revision);
    result = await cloneRepository(run, input, undefined);
  }
  conditions.delete('FetchFailed');
  checkSparsePaths(run, input.directory);
  return result;
}

async function cloneRepository(
  run: GitRepositoryRun,
  input: CheckOutInput,
  known: string | undefined,
): Promise<Checkout> {
  const { spec } = run.object;
  const { rewriteUrl, checkout } = run.deps;
  try {
    return await checkout({
      url: spec.url,
      directory: input.directory,
      credentials: input.credentials,
      recurseSubmodules: spec.recurseSubmodules ?? false,
      sparse: spec.sparseCheckout ?? [],
      timeoutMs: parseDuration(spec.timeout ?? '60s'),
      signal: run.signal,
      ...(spec.ref ? { ref: spec.ref } : {}),
      ...(input.proxy ? { proxy: input.proxy } : {}),
      ...(known ? { knownRevision: known } : {}),
      ...(rewriteUrl ? { rewriteUrl } : {}),
    });
  } catch (error) {
    run.signal.throwIfAborted();
    if (error instanceof GitError && error.failure === 'emptyRepository') {
      throw fetchFailed('EmptyGitRepository', error.message, { cause: error });
    }
    throw fetchFailed('GitOperationFailed', `failed to checkout and determine revision: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** The conditions still say what is so, for the new generation (SRC-GIT-16). */
function noChanges(run: GitRepositoryRun, revision: string): ReconcileError {
  run.conditions.delete('FetchFailed');
  markStored(run, revision);
  return new ReconcileError(
    'GitOperationSucceeded',
    `no changes since last reconciliation: observed revision '${revision}'`,
    { retry: 'ignore', event: 'trace' },
  );
}

export function markStored(run: GitRepositoryRun, revision: string): void {
  const message = `stored artifact for revision '${revision}'`;
  run.conditions.set({ type: 'ArtifactInStorage', status: 'True', reason: 'Succeeded', message });
}

/** Each path must exist; a checkout takes what is there and does not ask (SRC-GIT-32). */
function checkSparsePaths(run: GitRepositoryRun, directory: string): void {
  for (const path of run.object.spec.sparseCheckout ?? []) {
    const target = join(directory, path);
    const isInside = target === directory || target.startsWith(directory + sep); // never tell about the rest of the disk
    if (isInside && lstatSync(target, { throwIfNoEntry: false })) continue;
    throw fetchFailed(
      'GitOperationFailed',
      `failed to sparse checkout directories : sparse checkout dir '${path}' does not exist in repository: lstat ${target}: no such file or directory`,
    );
  }
}

/** Tells what is about to be built, before it takes its time (SRC-GIT-31). */
export async function announceRevision(run: GitRepositoryRun, revision: string): Promise<void> {
  const artifact = run.object.status?.artifact;
  if (hasRevision(artifact, revision)) return;
  const message = `new upstream revision '${revision}'`;
  if (artifact) run.conditions.set({ type: 'ArtifactOutdated', status: 'True', reason: 'NewRevision', message });
  await run.progress(`building artifact: ${message}`, { drift: true });
}
