import { partOfLabel } from '@flux/api';
import { formatSubject, isNotFound, type KubeObject, refOf } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { causeChain } from '@flux/errors';
import type { Console } from '../console.ts';
import { listAll } from '../objects.ts';

interface Removal {
  cluster: Cluster;
  out: Console;
  namespace: string;
  dryRun: boolean;
}

const ours = `${partOfLabel}=flux`;
const componentKinds = [
  { apiVersion: 'apps/v1', kind: 'Deployment', isNamespaced: true },
  { apiVersion: 'v1', kind: 'Service', isNamespaced: true },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', isNamespaced: true },
  { apiVersion: 'v1', kind: 'ResourceQuota', isNamespaced: true },
  { apiVersion: 'v1', kind: 'ServiceAccount', isNamespaced: true },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', isNamespaced: false },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', isNamespaced: false },
];
const definitionKind = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };

export async function removeComponents(removal: Removal): Promise<void> {
  for (const { isNamespaced, ...kind } of componentKinds) {
    const scope = isNamespaced ? { namespace: removal.namespace } : {};
    for (const object of await listAll(removal.cluster, kind, { ...scope, labelSelector: ours })) {
      await removeObject(removal, object);
    }
  }
}

/** Takes the finalizers off every Flux object, so that its deletion leaves what it applied in place. */
export async function removeFinalizers(removal: Removal): Promise<void> {
  for (const definition of await fluxDefinitions(removal.cluster)) {
    const { group, names, versions } = definition['spec'];
    const version = versions.find(({ storage }: { storage: boolean }) => storage)?.name;
    const objects = await listAll(removal.cluster, { apiVersion: `${group}/${version}`, kind: names.kind });
    for (const object of objects) await removeFinalizersOf(removal, object);
  }
}

async function removeFinalizersOf({ cluster, out, dryRun }: Removal, object: KubeObject): Promise<void> {
  const subject = formatSubject(object);
  try {
    await cluster.patch(refOf(object), 'merge', { metadata: { finalizers: null } }, { dryRun });
    out.success(`${subject} finalizers deleted ${dryRun ? '(dry run)' : ''}`);
  } catch (error) {
    out.failure(`${subject} removing finalizers failed: ${causeChain(error).join(': ')}`);
  }
}

export async function removeDefinitions(removal: Removal): Promise<void> {
  for (const definition of await fluxDefinitions(removal.cluster)) await removeObject(removal, definition);
}

export async function removeNamespace(removal: Removal): Promise<void> {
  await removeObject(removal, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: removal.namespace } });
}

function fluxDefinitions(cluster: Cluster): Promise<KubeObject[]> {
  return listAll(cluster, definitionKind, { labelSelector: ours });
}

async function removeObject({ cluster, out, dryRun }: Removal, object: KubeObject): Promise<void> {
  const subject = formatSubject(object);
  try {
    await cluster.delete(refOf(object), { dryRun, propagationPolicy: 'Background' });
    out.success(`${subject} deleted ${dryRun ? '(dry run)' : ''}`);
  } catch (error) {
    if (!isNotFound(error)) out.failure(`${subject} deletion failed: ${causeChain(error).join(': ')}`);
  }
}
