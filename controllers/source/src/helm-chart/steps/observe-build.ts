import { messageOf } from '@flux/errors';
import { ReconcileError } from '@flux/runtime';
import { BuildError } from '../build-error.ts';
import { type ChartBuild, summaryOf } from '../chart-build.ts';
import type { HelmChartRun } from '../deps.ts';

/** Tells of a chart that was built, before it is stored (SRC-HCHART-21). */
export async function observeBuild(run: HelmChartRun, build: ChartBuild): Promise<void> {
  const { object, conditions } = run;
  const { artifact, observedChartName } = object.status ?? {};
  if (build.name !== observedChartName || artifact?.revision !== build.version) {
    const summary = summaryOf(build);
    if (artifact) {
      conditions.set({ type: 'ArtifactOutdated', status: 'True', reason: 'NewChart', message: summary });
    }
    await run.progress(`building artifact: ${summary}`, { drift: true });
  }
  conditions.delete('FetchFailed');
  conditions.delete('BuildFailed');
  if (!object.spec.verify) conditions.delete('SourceVerified');
  if (build.isVerified) {
    const message = `verified signature of version ${build.version}`;
    conditions.set({ type: 'SourceVerified', status: 'True', reason: 'Succeeded', message });
  }
  const dependencies = build.resolvedDependencies ?? 0;
  if (dependencies === 0) return;
  const message = `resolved ${dependencies} chart dependencies`;
  run.event({ type: 'Normal', reason: 'ResolvedDependencies', message, forward: false });
}

/** The conditions of a build that failed, and the error for the runtime (SRC-HCHART-14, SRC-HCHART-30). */
export function observeFailure(run: HelmChartRun, error: unknown): unknown {
  const { object, conditions } = run;
  if (!object.spec.verify) conditions.delete('SourceVerified');
  if (error instanceof BuildError) {
    const { reason, message, conditionType } = error;
    conditions.delete(conditionType === 'FetchFailed' ? 'BuildFailed' : 'FetchFailed');
    conditions.set({ type: conditionType, status: 'True', reason, message });
    if (reason === 'ChartVerificationError') {
      conditions.set({ type: 'SourceVerified', status: 'False', reason: 'VerificationError', message });
    }
    return new ReconcileError(reason, message, { retry: error.isPersistent ? 'stalled' : 'backoff', cause: error });
  }
  conditions.delete('BuildFailed');
  const message = `unknown build error: ${messageOf(error)}`;
  conditions.set({ type: 'FetchFailed', status: 'True', reason: 'Unknown', message });
  return error;
}
