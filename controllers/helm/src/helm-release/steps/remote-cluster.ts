import type { HelmRelease } from '@flux/api';
import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import { type Cluster, connectByConfigMap, connectCluster } from '@flux/client';
import { messageOf } from '@flux/errors';
import type { HelmRun } from '../deps.ts';
import { preReleaseError } from './pre-release-error.ts';

/** The object that `spec.kubeConfig` names, with the field it is named in. */
export function kubeConfigRefOf({ spec, metadata }: HelmRelease): ObjectRef | undefined {
  const { secretRef, configMapRef } = spec.kubeConfig ?? {};
  const at = { apiVersion: 'v1', namespace: metadata.namespace ?? '' };
  if (secretRef) return { ...at, kind: 'Secret', name: secretRef.name };
  return configMapRef ? { ...at, kind: 'ConfigMap', name: configMapRef.name } : undefined;
}

/** The cluster of `spec.kubeConfig`; the caller closes it (HELM-CTRL-03). */
export async function remoteCluster(run: HelmRun): Promise<Cluster | undefined> {
  const ref = kubeConfigRefOf(run.object);
  if (!ref) return undefined;
  return ref.kind === 'ConfigMap' ? byConfigMap(run, ref) : bySecret(run, ref);
}

async function byConfigMap(run: HelmRun, ref: ObjectRef): Promise<Cluster> {
  const { settings, tokens } = run.deps;
  const found = await read(run, ref, `failed to get configmap ${ref.namespace}/${ref.name}`);
  return connect(() =>
    connectByConfigMap(found, {
      management: run.cluster,
      tokens,
      allowsServiceAccounts: settings.allowsObjectIdentity,
      ...(settings.defaultKubeConfigServiceAccount
        ? { defaultServiceAccount: settings.defaultKubeConfigServiceAccount }
        : {}),
    }),
  );
}

async function bySecret(run: HelmRun, ref: ObjectRef): Promise<Cluster> {
  const { remoteKubeconfig: remote } = run.deps.settings;
  const id = `${ref.namespace}/${ref.name}`;
  const secret = await read(run, ref, `could not get KubeConfig secret '${id}'`);
  const kubeconfigText = kubeconfigIn(secret, run.object.spec.kubeConfig?.secretRef?.key, id);
  return connect(() => connectCluster({ kubeconfigText, remote }));
}

async function connect(open: () => Promise<Cluster>): Promise<Cluster> {
  try {
    return await open();
  } catch (cause) {
    throw preReleaseError('RESTClientError', messageOf(cause), { cause });
  }
}

async function read({ cluster, signal }: HelmRun, ref: ObjectRef, problem: string): Promise<KubeObject> {
  try {
    return await cluster.get(ref, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw preReleaseError('RESTClientError', `${problem}: ${messageOf(cause)}`, { cause });
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
