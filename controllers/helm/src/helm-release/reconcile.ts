import type { Chart, Values } from '@flux/helm';
import { type Action, awaitChange, holdBack, keyOf, newerRequest, requeueNow } from '@flux/runtime';
import type { StatusReader } from '@flux/ssa';
import { uninstall } from './actions/uninstall.ts';
import type { HelmRun } from './deps.ts';
import { storageNamespaceOf } from './names.ts';
import { releaseLoop } from './release-loop.ts';
import { takeResetRequest } from './requests.ts';
import { Session } from './session.ts';
import { clearFailures, mustResetFailures, recordAttempt } from './status/failures.ts';
import { specDigestsOf } from './status/spec-digests.ts';
import { withArtifactVersion } from './steps/chart-version.ts';
import { checkDependencies } from './steps/check-dependencies.ts';
import { compileReaders } from './steps/compile-readers.ts';
import { readValues } from './steps/compose-values.ts';
import { loadChart } from './steps/load-chart.ts';
import { findTargetChange } from './steps/release-target.ts';
import { resolveSource, sourceRefOf } from './steps/resolve-source.ts';
import { deleteChart, syncChartTemplate } from './steps/sync-chart-template.ts';
import { type Target, targetCluster } from './steps/target-cluster.ts';

/** Chart and values → release: prerequisites first, then the loop of actions (HELM-FLOW-01). */
export async function reconcile(run: HelmRun): Promise<Action> {
  try {
    return await pass(run);
  } finally {
    run.deps.attempts.delete(keyOf(run.object));
  }
}

async function pass(run: HelmRun): Promise<Action> {
  const { object, deps } = run;
  if ((object.spec.chart === undefined) === (object.spec.chartRef === undefined)) {
    run.log.error(undefined, 'invalid Chart reference'); // only objects from before the rule of the CRD
    return awaitChange();
  }
  const readers = compileReaders(object);
  const { helmChart } = object.status ?? {};
  if (object.spec.chartRef && helmChart) await deleteChart(run, helmChart);
  const made = await syncChartTemplate(run);
  await run.progress('Fulfilling prerequisites', { patch: false });

  deps.attempts.set(keyOf(object), { revision: '', hasDependencies: false });
  await checkDependencies(run);
  const source = await resolveSource(run, made);
  if (!source) return holdBack(deps.settings.chartGraceMs);
  const { revision = '' } = source.artifact;
  deps.attempts.set(keyOf(object), { revision, hasDependencies: true });

  const { values, configDigest } = await readValues(run);
  const loaded = await loadChart(run, source);
  if (!loaded) return holdBack(0);
  const { chart, revisionDigest } = withArtifactVersion(loaded, source, deps.settings.tracksChartDigest);
  await using target = await targetCluster(run);
  return await release(run, { chart, values, configDigest, revisionDigest, revision, target, readers });
}

interface Prerequisites {
  chart: Chart;
  values: Values;
  configDigest: string;
  revisionDigest: string | undefined;
  /** Of the source's artifact. */
  revision: string;
  target: Target;
  readers: readonly StatusReader[];
}

async function release(run: HelmRun, prerequisites: Prerequisites): Promise<Action> {
  const { object, deps } = run;
  const { chart, configDigest, revisionDigest, revision } = prerequisites;
  const attempt = {
    chartVersion: chart.metadata.version,
    configDigest,
    ...(revisionDigest ? { revisionDigest } : {}),
  };
  using newer = deps.settings.cancelsHealthChecks
    ? newerRequest(run, { ref: sourceRefOf(object), revision })
    : undefined;
  const open = async (storageNamespace: string) =>
    new Session({
      ...prerequisites,
      run,
      storageNamespace,
      attempt,
      specDigests: await specDigestsOf(object, deps.settings.digestAlgorithm),
      ...(newer ? { interrupt: newer.signal } : {}),
    });

  const change = findTargetChange(object, chart.metadata.name);
  if (change) {
    run.log.info('uninstalling the release before', { reason: change });
    return moveAway(await open(object.status?.storageNamespace ?? ''));
  }
  const isReset = takeResetRequest(object);
  if (isReset || mustResetFailures(object, attempt)) clearFailures(object);
  const storageNamespace = storageNamespaceOf(object);
  recordAttempt(object, attempt, storageNamespace);
  return await releaseLoop(await open(storageNamespace));
}

/** The release goes elsewhere: the old one is uninstalled, and the next pass installs the new one (HELM-FLOW-11). */
async function moveAway(session: Session): Promise<Action> {
  const { object } = session.run;
  const { error } = await uninstall(session);
  if (error !== undefined) throw error;
  delete object.status?.history;
  delete object.status?.storageNamespace;
  clearFailures(object);
  return requeueNow();
}
