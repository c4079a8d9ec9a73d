import type { GitRepository, HelmChart, HelmRepository } from '@flux/api';
import { parseDuration } from '@flux/gotypes';
import { type Action, requeueAfter, requeueNow } from '@flux/runtime';
import { checkStorage } from '../frame/check-storage.ts';
import { notify, observe } from '../frame/notify.ts';
import { type ChartBuild, reasonOf, summaryOf } from './chart-build.ts';
import type { HelmChartRun } from './deps.ts';
import { buildLocal } from './steps/build-local.ts';
import { buildRemote } from './steps/build-remote.ts';
import { type ChartSource, findSourceArtifact, getSource, isOciRepository } from './steps/get-source.ts';
import { observeBuild, observeFailure } from './steps/observe-build.ts';
import { storeChart } from './steps/store-chart.ts';

const failConditions = ['BuildFailed', 'FetchFailed', 'StorageOperationFailed'];

/** Source → chart, found or packaged → artifact in storage. One step per file in `steps/`. */
export async function reconcile(run: HelmChartRun): Promise<Action> {
  const { object, conditions } = run;
  const before = observe(run, failConditions);
  await checkStorage(run);
  if (conditions.isFalse('SourceVerified')) conditions.delete('SourceVerified');
  const source = await getSource(run);
  if (!isOciRepository(source)) {
    const artifact = await findSourceArtifact(run, source);
    if (!artifact) return requeueNow();
    // Also of a failed build, so that the same revision does not start another (SRC-HCHART-07).
    object.status = { ...object.status, observedSourceArtifactRevision: artifact.revision };
  }
  const build = await buildFrom(run, source);
  await observeBuild(run, build);
  await storeChart(run, build);
  notify(run, { before, failConditions, message: summaryOf(build), reason: reasonOf(build) });
  return requeueAfter(intervalMs(object));
}

async function buildFrom(run: HelmChartRun, source: ChartSource): Promise<ChartBuild> {
  try {
    return source.kind === 'HelmRepository'
      ? await buildRemote(run, source as HelmRepository)
      : await buildLocal(run, source as GitRepository);
  } catch (error) {
    run.signal.throwIfAborted();
    throw observeFailure(run, error);
  }
}

/** Milliseconds of `spec.interval`. */
export function intervalMs(object: HelmChart): number {
  return parseDuration(object.spec.interval);
}
