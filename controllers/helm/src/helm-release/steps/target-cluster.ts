import { isNotFound } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { clusterObjectWatch, type ObjectWatch } from '@flux/ssa';
import type { HelmRun } from '../deps.ts';
import { kubeConfigRefOf, remoteCluster } from './remote-cluster.ts';

/** Where and as whom a release is made; dispose it after the pass. */
export interface Target extends AsyncDisposable {
  cluster: Cluster;
  watch: ObjectWatch;
  isImpersonated: boolean;
}

/** HELM-CTRL-03. Watches that the process shares would show an account what it may not see, so it gets its own. */
export async function targetCluster(run: HelmRun): Promise<Target> {
  const remote = await remoteCluster(run);
  const base = remote ?? run.cluster;
  const account = serviceAccountOf(run);
  const name = `system:serviceaccount:${run.object.metadata.namespace}:${account}`;
  const cluster = account ? base.impersonate({ name }) : base;
  return {
    cluster,
    watch: cluster === run.cluster ? run.watches : clusterObjectWatch(cluster),
    isImpersonated: account !== '',
    [Symbol.asyncDispose]: async () => remote?.close(),
  };
}

export function serviceAccountOf({ object, deps }: HelmRun): string {
  return object.spec.serviceAccountName || deps.settings.defaultServiceAccount;
}

/** Why a deleted release cannot be uninstalled and is left: nothing to act with is there any more (HELM-DEL-01). */
export async function isTargetGone(run: HelmRun): Promise<boolean> {
  const { object, cluster, signal } = run;
  const kubeConfig = kubeConfigRefOf(object);
  if (kubeConfig) return (await cluster.find(kubeConfig, { signal })) === undefined;
  const name = serviceAccountOf(run);
  if (!name) return false;
  const namespace = object.metadata.namespace ?? '';
  try {
    return (
      (await cluster.find({ apiVersion: 'v1', kind: 'ServiceAccount', namespace, name }, { signal })) === undefined
    );
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
}
