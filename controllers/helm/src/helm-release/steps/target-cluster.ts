import type { HelmRelease } from '@flux/api';
import { isNotFound, type KubeObject, type ObjectRef } from '@flux/apimachinery';
import { type Cluster, connectCluster } from '@flux/client';
import { messageOf } from '@flux/errors';
import { clusterObjectWatch, type ObjectWatch } from '@flux/ssa';
import type { HelmRun } from '../deps.ts';
import { preReleaseError } from './pre-release-error.ts';

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

/** The object that `spec.kubeConfig` names, with the field it is named in. */
export function kubeConfigRefOf({ spec, metadata }: HelmRelease): ObjectRef | undefined {
  const { secretRef, configMapRef } = spec.kubeConfig ?? {};
  const at = { apiVersion: 'v1', namespace: metadata.namespace ?? '' };
  if (secretRef) return { ...at, kind: 'Secret', name: secretRef.name };
  return configMapRef ? { ...at, kind: 'ConfigMap', name: configMapRef.name } : undefined;
}

async function remoteCluster(run: HelmRun): Promise<Cluster | undefined> {
  const ref = kubeConfigRefOf(run.object);
  if (!ref) return undefined;
  const id = `${ref.namespace}/${ref.name}`;
  if (ref.kind === 'ConfigMap') {
    const message = `spec.kubeConfig.configMapRef names '${id}', but workload identity for remote clusters is not supported yet; use secretRef`;
    throw preReleaseError('RESTClientError', message);
  }
  const secret = await readSecret(run, ref, id);
  const text = kubeconfigIn(secret, run.object.spec.kubeConfig?.secretRef?.key, id);
  try {
    return await connectCluster({ kubeconfigText: text, remote: {} });
  } catch (cause) {
    throw preReleaseError('RESTClientError', messageOf(cause), { cause });
  }
}

async function readSecret({ cluster, signal }: HelmRun, ref: ObjectRef, id: string): Promise<KubeObject> {
  try {
    return await cluster.get(ref, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw preReleaseError('RESTClientError', `could not get KubeConfig secret '${id}': ${messageOf(cause)}`, { cause });
  }
}

function kubeconfigIn(secret: KubeObject, key: string | undefined, id: string): string {
  const data: Record<string, string> = secret['data'] ?? {};
  const keys = key ? [key] : ['value', 'value.yaml'];
  const found = keys.find((candidate) => Object.hasOwn(data, candidate) && data[candidate] !== '');
  if (found !== undefined) return Buffer.from(data[found] ?? '', 'base64').toString('utf8');
  const named = key ? `a '${key}' key` : "a 'value' or 'value.yaml' key";
  throw preReleaseError('RESTClientError', `KubeConfig secret '${id}' does not contain ${named} with data`);
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
