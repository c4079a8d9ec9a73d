import { formatDuration } from '@flux/gotypes';
import type { Chart } from '@flux/helm';
import { ArchiveNotFoundError } from '@flux/http';
import { ReconcileError } from '@flux/runtime';
import type { HelmRun } from '../deps.ts';
import { messageOf, preReleaseError } from './pre-release-error.ts';
import type { ChartSource } from './resolve-source.ts';

/** Fetches and parses the chart (HELM-FLOW-08). */
export async function loadChart(run: HelmRun, { artifact }: ChartSource): Promise<Chart> {
  try {
    return await run.deps.loadChart(artifact, run.signal);
  } catch (cause) {
    run.signal.throwIfAborted();
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
