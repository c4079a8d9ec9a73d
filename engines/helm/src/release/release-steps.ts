import type { KubeObject } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import type { Chart } from '../chart/chart.ts';
import { liveStates, type WriteMethod } from './apply-objects.ts';
import { deleteObjects } from './delete-objects.ts';
import { waitOptions } from './hooks.ts';
import type { Release, ReleaseChart, ReleaseStatus } from './release.ts';
import type { ChangeOptions, ReleaseContext, SuccessorOptions } from './release-context.ts';
import { JoinedError, pendingError, ReleaseError, wrapError } from './release-error.ts';
import { buildObjects, type ReleaseObject } from './release-objects.ts';
import { systemLabels } from './release-storage.ts';

/** Waits until the objects are ready, unless only hooks are waited for. */
export async function waitUntilReady(
  context: ReleaseContext,
  objects: readonly ReleaseObject[],
  options: ChangeOptions,
): Promise<void> {
  if (options.waitStrategy === 'hook-only' || objects.length === 0) return;
  const signals = [context.signal, context.interrupt].filter((signal) => signal !== undefined);
  await context.waiter.waitReady(liveStates(objects), {
    ...waitOptions(context, options),
    jobs: options.waitForJobs ?? false,
    ...(signals.length > 0 ? { signal: AbortSignal.any(signals) } : {}),
  });
}

/** What a release keeps of a chart. */
export function releaseChartOf({ metadata, lock, values, schema, templates, files }: Chart): ReleaseChart {
  return {
    metadata,
    ...(lock ? { lock } : {}),
    templates,
    values,
    ...(schema ? { schema } : {}),
    files,
  };
}

export function checkLabels(labels: Readonly<Record<string, string>> | undefined): void {
  if (!Object.keys(labels ?? {}).some((key) => systemLabels.includes(key))) return;
  const list = `[${systemLabels.join(' ')}]`;
  throw new ReleaseError(`user supplied labels contains system reserved label name. System labels: ${list}`);
}

/** Records a state that is not worth failing for: another failure is on its way. */
export async function tryRecord(context: ReleaseContext, release: Release): Promise<void> {
  try {
    await context.storage.update(release);
  } catch (error) {
    context.log?.('failed to record the release', { name: release.name, error: messageOf(error) });
  }
}

/** Records that an action failed. */
export async function recordFailure(context: ReleaseContext, release: Release, description: string): Promise<void> {
  release.info.status = 'failed';
  release.info.description = description;
  await tryRecord(context, release);
}

/** Records that what is deployed no longer counts. */
export async function supersedeDeployed(context: ReleaseContext, name: string): Promise<void> {
  for (const deployed of await context.storage.deployedAll(name)) {
    deployed.info.status = 'superseded';
    await tryRecord(context, deployed);
  }
}

/** Stores the revision that upgrade or rollback make; when it is there already, another action holds the release. */
export async function createPending(
  context: ReleaseContext,
  release: Release,
  { maxHistory }: SuccessorOptions,
): Promise<void> {
  await context.storage.create(release, maxHistory).catch((error: unknown) => {
    throw error instanceof ReleaseError && error.reason === 'exists' ? pendingError(error) : error;
  });
}

/** How upgrade and rollback write. */
export function methodAfter(
  before: Release,
  { serverSideApply: choice = 'auto', forceConflicts = true, force = false }: SuccessorOptions,
  { upgradesFieldManager }: { upgradesFieldManager: boolean },
): WriteMethod {
  const serverSideApply = choice === 'auto' ? before.apply_method === 'ssa' : choice;
  return {
    serverSideApply,
    forceConflicts: serverSideApply && forceConflicts,
    forceReplace: force && !serverSideApply,
    upgradesFieldManager,
  };
}

/** Whether an action holds the release, or held it when it was killed. */
export function isPending(status: ReleaseStatus): boolean {
  return status.startsWith('pending-');
}

/** What an old manifest holds; kinds that the cluster no longer serves cannot hold anything up. */
export async function buildCurrent(context: ReleaseContext, release: Release): Promise<ReleaseObject[]> {
  const onUnservedKind = ({ apiVersion, kind, metadata: { name } }: KubeObject) =>
    context.log?.('the kind of an object of the current release is no longer served', { apiVersion, kind, name });
  try {
    return await buildObjects(release.manifest, {
      cluster: context.cluster,
      namespace: release.namespace,
      onUnservedKind,
    });
  } catch (error) {
    throw wrapError('unable to build kubernetes objects from current release manifest', error);
  }
}

/** Deletes what a failed action created. */
export async function cleanUp(
  context: ReleaseContext,
  created: readonly ReleaseObject[],
  describe: (problem: ReleaseError) => ReleaseError,
): Promise<void> {
  const errors = await deleteObjects(context, created, 'Background');
  if (errors.length === 0) return;
  throw describe(wrapError('unable to cleanup resources', new JoinedError(errors, ', ')));
}
