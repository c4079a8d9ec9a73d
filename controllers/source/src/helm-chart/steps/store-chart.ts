import { messageOf } from '@flux/errors';
import { type ChartBuild, reasonOf, summaryOf } from '../chart-build.ts';
import { type HelmChartRun, linkLatest, makeArtifactDirectory, ownerOf, storageFailed } from '../deps.ts';

/** Keeps a new chart as the artifact (SRC-HCHART-20..22, SRC-HCHART-34). */
export async function storeChart(run: HelmChartRun, build: ChartBuild): Promise<void> {
  const { conditions } = run;
  if (build.data === undefined) {
    const message = `artifact up-to-date with remote revision: '${build.version}'`;
    run.event({ type: 'Normal', reason: 'ArtifactUpToDate', message, forward: false });
  } else {
    await store(run, build, build.data);
    conditions.delete('StorageOperationFailed');
  }
  conditions.delete('ArtifactOutdated');
  conditions.set({
    type: 'ArtifactInStorage',
    status: 'True',
    reason: reasonOf(build),
    message: summaryOf(build),
  });
}

async function store(run: HelmChartRun, build: ChartBuild, data: Uint8Array): Promise<void> {
  const { object, deps } = run;
  const { name, version, valuesFiles } = build;
  const plan = deps.storage.plan(ownerOf(run), version, `${name}-${version}.tgz`);
  await makeArtifactDirectory(run, plan);
  const { observedValuesFiles: _, ...status } = object.status ?? {};
  try {
    object.status = {
      ...status,
      artifact: await deps.storage.write(plan, [data]),
      observedChartName: name,
      ...(object.spec.ignoreMissingValuesFiles ? { observedValuesFiles: [...valuesFiles] } : {}),
    };
  } catch (error) {
    run.signal.throwIfAborted();
    throw storageFailed('ArchiveOperationFailed', `unable to copy Helm chart to storage: ${messageOf(error)}`, error);
  }
  await linkLatest(run, 'latest.tar.gz');
}
