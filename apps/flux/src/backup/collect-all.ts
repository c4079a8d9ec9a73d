import { formatApiVersion, type KubeObject, parseApiVersion } from '@flux/apimachinery';
import type { ResourceMapping } from '@flux/client';
import { isBootstrapped } from './account-access.ts';
import { derivedKinds, ownObjects } from './cluster-owned.table.ts';
import type { CollectOptions } from './collect-flux.ts';
import { isDefinition, storedKindOf } from './flux-definitions.ts';
import { portableObject } from './portable-object.ts';
import type { Snapshot } from './snapshot.ts';

/** Groups of which the control plane makes the objects of workloads: Pods of ReplicaSets of Deployments. */
const workloadGroups = new Set(['', 'apps', 'batch']);

/** Everything that users and controllers put into the cluster, less what the control plane makes by itself. */
export async function collectAll(snapshot: Snapshot, options: CollectOptions): Promise<KubeObject[]> {
  const objects: KubeObject[] = [];
  const definitions = await snapshot.list({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' });
  const custom = new Map(definitions.map((definition) => [groupKindOf(storedKindOf(definition)), definition]));
  const seen = new Set<string>();
  for (const mapping of await snapshot.cluster.mappings()) {
    const { group, version, kind, namespaced } = mapping;
    const served = { apiVersion: formatApiVersion(group, version), kind };
    const id = groupKindOf(served);
    if (seen.has(id) || !isKept(mapping, options)) continue;
    seen.add(id);
    const { namespace } = options;
    const definition = custom.get(id);
    const stored = definition ? storedKindOf(definition) : served;
    const found = await snapshot.list(stored, namespace && namespaced ? { namespace } : {});
    // The control plane computes the status of its own kinds; what a custom resource says of itself may be all there is.
    const keepStatus = definition !== undefined;
    objects.push(...found.filter(isOfUsers).map((object) => portableObject(object, { keepStatus })));
  }
  return objects;
}

function groupKindOf({ apiVersion, kind }: { apiVersion: string; kind: string }): string {
  return `${parseApiVersion(apiVersion).group}/${kind}`;
}

function isKept({ kind, verbs, namespaced }: ResourceMapping, { secrets, namespace }: CollectOptions): boolean {
  if (derivedKinds.has(kind) || !verbs.includes('list') || !verbs.includes('create')) return false;
  if (namespace !== undefined && !namespaced && kind !== 'CustomResourceDefinition' && kind !== 'Namespace')
    return false;
  return kind !== 'Secret' || secrets;
}

function isOfUsers(object: KubeObject): boolean {
  const { kind, metadata } = object;
  const { namespace = '', name, ownerReferences = [] } = metadata;
  if (ownObjects.has(`${kind}//${name}`) || ownObjects.has(`${kind}/${namespace}/${name}`)) return false;
  if (isBootstrapped(object)) return false;
  if (isDefinition(object)) return true;
  // Their controllers make them anew, with names and addresses that fit the other cluster.
  return !ownerReferences.some(
    (owner) => owner.controller === true && workloadGroups.has(parseApiVersion(owner.apiVersion).group),
  );
}
