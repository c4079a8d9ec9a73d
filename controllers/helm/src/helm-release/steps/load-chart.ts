import type { Artifact } from '@flux/api';
import { messageOf } from '@flux/errors';
import { formatDuration } from '@flux/gotypes';
import type { Chart } from '@flux/helm';
import { ArchiveNotFoundError } from '@flux/http';
import { ReconcileError } from '@flux/runtime';
import type { HelmRun } from '../deps.ts';
import { preReleaseError } from './pre-release-error.ts';
import { type ChartSource, sourceRefOf } from './resolve-source.ts';

/**
 * Fetches and parses the chart (HELM-FLOW-08). A download that is retried gives way to an artifact in another place: there is
 * none then.
 */
export async function loadChart(run: HelmRun, source: ChartSource): Promise<Chart | undefined> {
  const { artifact } = source;
  using moved = followArtifact(run, source);
  try {
    return await run.deps.loadChart(artifact, AbortSignal.any([run.signal, moved.signal]));
  } catch (cause) {
    run.signal.throwIfAborted();
    if (moved.signal.aborted) return undefined;
    if (cause instanceof ArchiveNotFoundError) {
      const afterMs = run.deps.settings.requeueDependencyMs;
      const message = `Source not ready: artifact not found. Retrying in ${formatDuration(afterMs)}`;
      throw new ReconcileError('ArtifactFailed', message, { retry: { afterMs }, event: 'none' });
    }
    const text = messageOf(cause);
    const options = { cause, hasEvent: true, eventMessage: text };
    throw preReleaseError('ArtifactFailed', `Could not load chart: ${text}`, options);
  }
}

/** Aborted when the source says that its artifact is elsewhere: the old address may be gone for good. */
function followArtifact(
  run: HelmRun,
  { artifact, resourceVersion }: ChartSource,
): Disposable & { signal: AbortSignal } {
  const controller = new AbortController();
  const ref = sourceRefOf(run.object);
  const subscription = ref
    ? run.watches.observe(
        ref,
        (source) => {
          const current: Artifact | undefined = source?.['status']?.artifact;
          // a watch may be behind what was read
          const isNewer = BigInt(source?.metadata.resourceVersion ?? 0) > BigInt(resourceVersion);
          if (current && isNewer && current.url !== artifact.url) controller.abort();
        },
        { mayLag: true },
      )
    : undefined;
  return { signal: controller.signal, [Symbol.dispose]: () => subscription?.[Symbol.dispose]() };
}
