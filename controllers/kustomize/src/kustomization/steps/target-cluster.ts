import { isNotFound } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { ReconcileError } from '@flux/runtime';
import { clusterObjectWatch, type ObjectWatch } from '@flux/ssa';
import type { KustomizationRun } from '../deps.ts';

/** Where and as whom objects are applied. */
export interface Target {
  cluster: Cluster;
  watch: ObjectWatch;
  isImpersonated: boolean;
}

/**
 * The cluster that is applied to, acting as the ServiceAccount if there is one (KUS-AUTH-01). Watches that the process
 * shares would show it what it may not see, so it gets its own.
 */
export function targetCluster(run: KustomizationRun): Target {
  if (run.object.spec.kubeConfig) {
    const message = 'spec.kubeConfig is set, but applying to remote clusters is not supported yet';
    throw new ReconcileError('ReconciliationFailed', message, {
      eventMessage: `failed to build kube client: ${message}`,
    });
  }
  const account = serviceAccountOf(run);
  if (!account) return { cluster: run.cluster, watch: run.watches, isImpersonated: false };
  const name = `system:serviceaccount:${run.object.metadata.namespace}:${account}`;
  const cluster = run.cluster.impersonate({ name });
  return { cluster, watch: clusterObjectWatch(cluster), isImpersonated: true };
}

function serviceAccountOf({ object, deps }: KustomizationRun): string {
  return object.spec.serviceAccountName || deps.settings.defaultServiceAccount;
}

/** Whether the account that applied the objects can still be used (KUS-DEL-04). */
export async function hasServiceAccount(run: KustomizationRun): Promise<boolean> {
  const name = serviceAccountOf(run);
  if (!name) return true;
  const namespace = run.object.metadata.namespace ?? '';
  try {
    return (await run.cluster.find({ apiVersion: 'v1', kind: 'ServiceAccount', namespace, name })) !== undefined;
  } catch (error) {
    if (!isNotFound(error)) run.log.error(error, 'unable to read the service account');
    return false;
  }
}
