import type { KubeObject } from '@flux/apimachinery';
import type { Chart } from '../chart/chart.ts';
import { liveStates } from './apply-objects.ts';
import { deleteObjects } from './delete-objects.ts';
import { waitOptions } from './hooks.ts';
import type { Release, ReleaseChart, ReleaseStatus } from './release.ts';
import type { ChangeOptions, ReleaseContext } from './release-context.ts';
import { JoinedError, messageOf, ReleaseError, wrapError } from './release-error.ts';
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
