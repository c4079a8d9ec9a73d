import type { GitRepository } from '@flux/api';
import { type Checkout, shortMessage } from '@flux/git';
import { parseDuration } from '@flux/gotypes';
import { type Action, ReconcileError, requeueAfter } from '@flux/runtime';
import { checkStorage } from '../frame/check-storage.ts';
import { notify, observe } from '../frame/notify.ts';
import { makeWorkDirectory } from '../frame/work-directory.ts';
import type { GitRepositoryRun } from './deps.ts';
import { announceRevision, checkOut } from './steps/check-out.ts';
import { copyIncludes } from './steps/copy-includes.ts';
import { fetchIncludes } from './steps/fetch-includes.ts';
import { resolveCredentials } from './steps/resolve-credentials.ts';
import { resolveProxy } from './steps/resolve-proxy.ts';
import { storeArtifact } from './steps/store-artifact.ts';
import { verifyCommit } from './steps/verify-commit.ts';

const failConditions = ['FetchFailed', 'IncludeUnavailable', 'StorageOperationFailed'];

/** Git reference → checkout → verification → includes → artifact in storage. One step per file in `steps/`. */
export async function reconcile(run: GitRepositoryRun): Promise<Action> {
  const before = observe(run, failConditions);
  const tell = (checkout?: Checkout) => notify(run, { before, failConditions, message: messageFor(run, checkout) });
  await using work = await makeWorkDirectory(run);
  run.conditions.delete('StorageOperationFailed');
  let checkout: Checkout | undefined;
  try {
    await checkStorage(run);
    checkout = await fetchSource(run, work.path);
  } catch (error) {
    if (error instanceof ReconcileError && error.retry === 'ignore') tell(checkout);
    throw error;
  }
  tell(checkout);
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

function messageFor({ object }: GitRepositoryRun, checkout: Checkout | undefined): string {
  const subject = checkout?.commit ? shortMessage(checkout.commit.message) : object.status?.artifact?.revision;
  return `stored artifact for commit '${subject}'`;
}
