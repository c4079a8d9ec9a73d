import { crdOf, kinds, requestedAtAnnotation } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { applyDefinitions } from '@flux/ssa';

const fieldManager = 'flux';

/** Where the fleet comes from: the GitRepository `flux-system`, and the path of the Kustomization of the same name. */
export interface SyncSource {
  url: string;
  branch: string;
  path: string;
}

/** CRDs of all kinds, Established, and the namespace `flux-system`: what `flux install` gives a cluster, less the pods. */
export async function installKinds(
  cluster: Cluster,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<void> {
  await applyDefinitions(cluster, kinds.map(crdOf), { fieldManager, timeoutMs, signal });
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } };
  await cluster.apply(namespace, { fieldManager, force: true, signal });
}

/** The pair of objects that a bootstrap leaves behind; the fleet may hold the Kustomization itself and then owns it. */
export async function applySync(
  cluster: Cluster,
  source: SyncSource,
  requestedAt: string,
  signal: AbortSignal,
): Promise<void> {
  for (const object of syncObjects(source, requestedAt))
    await cluster.apply(object, { fieldManager, force: true, signal });
}

function syncObjects({ url, branch, path }: SyncSource, requestedAt: string): KubeObject[] {
  const metadata = { name: 'flux-system', namespace: 'flux-system' };
  // Asks for a look at the remote now, whatever an earlier run has stored.
  const annotations = { [requestedAtAnnotation]: requestedAt };
  return [
    {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { ...metadata, annotations },
      spec: { interval: '1m0s', url, ref: { branch } },
    },
    {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata,
      spec: { interval: '10m0s', path, prune: true, sourceRef: { kind: 'GitRepository', name: 'flux-system' } },
    },
  ];
}
