import { type GitRepository, gitRepository } from '@flux/api';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { type Checkout, shortMessage } from '@flux/git';
import { parseDuration } from '@flux/gotypes';
import { type Action, ReconcileError, requeueAfter } from '@flux/runtime';
import { type GitRepositoryRun, messageOf, storageFailed } from './deps.ts';
import { announceRevision, checkOut } from './steps/check-out.ts';
import { checkStorage } from './steps/check-storage.ts';
import { copyIncludes } from './steps/copy-includes.ts';
import { fetchIncludes } from './steps/fetch-includes.ts';
import { resolveCredentials } from './steps/resolve-credentials.ts';
import { resolveProxy } from './steps/resolve-proxy.ts';
import { storeArtifact } from './steps/store-artifact.ts';
import { verifyCommit } from './steps/verify-commit.ts';

const failConditions = ['FetchFailed', 'IncludeUnavailable', 'StorageOperationFailed'];

/** Git reference → checkout → verification → includes → artifact in storage. One step per file in `steps/`. */
export async function reconcile(run: GitRepositoryRun): Promise<Action> {
  const before = observe(run);
  await using work = await makeDirectory(run);
  run.conditions.delete('StorageOperationFailed');
  let checkout: Checkout | undefined;
  try {
    await checkStorage(run);
    checkout = await fetchSource(run, work.path);
  } catch (error) {
    if (error instanceof ReconcileError && error.retry === 'ignore') notify(run, before, checkout);
    throw error;
  }
  notify(run, before, checkout);
  return requeueAfter(intervalMs(run.object));
}

async function fetchSource(run: GitRepositoryRun, directory: string): Promise<Checkout> {
  if (run.conditions.isFalse('SourceVerified')) run.conditions.delete('SourceVerified');
  const proxy = await resolveProxy(run);
  const credentials = await resolveCredentials(run);
  const includes = await fetchIncludes(run);
  const checkout = await checkOut(run, { directory, credentials, proxy, includes });
  await verifyCommit(run, checkout);
  await announceRevision(run, checkout.revision);
  await copyIncludes(run, directory, includes);
  await storeArtifact(run, { directory, checkout, includes });
  return checkout;
}

/** Milliseconds of `spec.interval`. */
export function intervalMs(object: GitRepository): number {
  return parseDuration(object.spec.interval);
}

async function makeDirectory({ object }: GitRepositoryRun): Promise<TemporaryDirectory> {
  const { name, namespace } = object.metadata;
  try {
    return await temporaryDirectory(`${gitRepository.kind.toLowerCase()}-${namespace}-${name}`);
  } catch (error) {
    const text = `failed to create temporary working directory: ${messageOf(error)}`;
    throw storageFailed('DirectoryCreationFailed', text, error);
  }
}

interface Observation {
  digest: string | undefined;
  hadFailed: boolean;
}

function observe({ object, conditions }: GitRepositoryRun): Observation {
  return {
    digest: object.status?.artifact?.digest,
    hadFailed: failConditions.some((type) => conditions.get(type) !== undefined),
  };
}

/** A new artifact, or the recovery from a failure; nothing when all is as it was (SRC-CTL-22). */
function notify(run: GitRepositoryRun, before: Observation, checkout: Checkout | undefined): void {
  const artifact = run.object.status?.artifact;
  if (!artifact) return;
  const isNew = before.digest !== artifact.digest;
  const hasFailed = failConditions.some((type) => run.conditions.get(type) !== undefined);
  if (!isNew && (!before.hadFailed || hasFailed)) return;
  const subject = checkout?.commit ? shortMessage(checkout.commit.message) : artifact.revision;
  run.event({
    type: 'Normal',
    reason: isNew ? 'NewArtifact' : 'Succeeded',
    message: `stored artifact for commit '${subject}'`,
    metadata: {
      'source.toolkit.fluxcd.io/revision': artifact.revision,
      'source.toolkit.fluxcd.io/digest': artifact.digest ?? '',
    },
  });
}
