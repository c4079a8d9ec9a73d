import { isNotFound } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import type { Chart } from '@flux/helm';
import { keyOf, ReconcileError } from '@flux/runtime';
import { uninstall } from './actions/uninstall.ts';
import type { HelmRun } from './deps.ts';
import { Session } from './session.ts';
import { compileReaders } from './steps/compile-readers.ts';
import { deleteChart, findMadeChart } from './steps/sync-chart-template.ts';
import { isTargetGone, serviceAccountOf, type Target, targetCluster } from './steps/target-cluster.ts';

const noChart: Chart = {
  metadata: { name: '', version: '', apiVersion: 'v2' },
  values: {},
  templates: [],
  files: [],
  raw: [],
  dependencies: [],
};

/** Uninstalls the release of a deleted object, then removes its HelmChart; a suspended one is left (HELM-DEL). */
export async function cleanup(run: HelmRun): Promise<undefined> {
  run.deps.settled.forget(keyOf(run.object));
  if (run.object.spec.suspend) return;
  await uninstallRelease(run);
  const made = await findMadeChart(run);
  if (made) await deleteChart(run, made);
}

async function uninstallRelease(run: HelmRun): Promise<void> {
  const { object } = run;
  const { storageNamespace, history = [] } = object.status ?? {};
  if (!storageNamespace || history.length === 0) return;
  if (await isGone(run)) return;
  await using target = await openTarget(run);
  if (!target) return;
  const session = new Session({
    run,
    target,
    storageNamespace,
    readers: compileReaders(object),
    specDigests: {},
    // an uninstall needs none of what a release is made from
    chart: noChart,
    values: {},
    attempt: { chartVersion: '', configDigest: '' },
  });
  const { error } = await uninstall(session);
  if (error !== undefined) throw error;
}

async function isGone(run: HelmRun): Promise<boolean> {
  try {
    return await isTargetGone(run);
  } catch (cause) {
    const account = serviceAccountOf(run);
    throw failure(`failed to confirm ServiceAccount '${account}' can be used to uninstall release`, cause);
  }
}

/** Nothing when what it takes to get there is gone. */
async function openTarget(run: HelmRun): Promise<Target | undefined> {
  try {
    return await targetCluster(run);
  } catch (cause) {
    if (isOfSomethingGone(cause)) return undefined;
    throw failure('failed to build REST client getter to uninstall release', cause);
  }
}

function isOfSomethingGone(error: unknown): boolean {
  return isNotFound(error) || (error instanceof Error && error.cause !== undefined && isOfSomethingGone(error.cause));
}

function failure(what: string, cause: unknown): ReconcileError {
  return new ReconcileError('UninstallFailed', `${what}: ${messageOf(cause)}`, {
    retry: 'backoff',
    eventMetadata: {},
    cause,
  });
}
