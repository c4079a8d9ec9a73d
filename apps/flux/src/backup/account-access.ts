import { isJsonObject, type KubeObject, type ObjectRef } from '@flux/apimachinery';
import type { Snapshot } from './snapshot.ts';

const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1' };

/** Labels the roles that every cluster has by itself. */
const bootstrapLabel = 'kubernetes.io/bootstrapping';

/** What service accounts may do: the bindings that name them, and the roles of these as far as a cluster has none by itself. */
export async function accessOf(snapshot: Snapshot, accounts: readonly KubeObject[]): Promise<KubeObject[]> {
  if (accounts.length === 0) return [];
  const subjects = new Set(accounts.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  const isOurs = (binding: KubeObject) => subjectsOf(binding).some((subject) => subjects.has(subject));
  const bindings = (await snapshot.list({ ...rbac, kind: 'ClusterRoleBinding' })).filter(isOurs);
  for (const namespace of new Set(accounts.map(({ metadata }) => metadata.namespace ?? ''))) {
    bindings.push(...(await snapshot.list({ ...rbac, kind: 'RoleBinding' }, { namespace })).filter(isOurs));
  }
  const roles = new Map<string, ObjectRef>();
  for (const binding of bindings) {
    const ref = roleOf(binding);
    if (ref) roles.set(`${ref.kind}/${ref.namespace ?? ''}/${ref.name}`, ref);
  }
  const found = await Promise.all([...roles.values()].map((ref) => snapshot.find(ref)));
  return [...bindings, ...found.filter((role) => role !== undefined)].filter((object) => !isBootstrapped(object));
}

export function isBootstrapped({ metadata }: KubeObject): boolean {
  return metadata.labels?.[bootstrapLabel] !== undefined;
}

function subjectsOf({ subjects, metadata }: KubeObject): string[] {
  if (!Array.isArray(subjects)) return [];
  return subjects
    .filter((subject) => isJsonObject(subject) && subject['kind'] === 'ServiceAccount')
    .map((subject) => `${subject.namespace ?? metadata.namespace}/${subject.name}`);
}

function roleOf({ roleRef, metadata }: KubeObject): ObjectRef | undefined {
  if (!isJsonObject(roleRef) || typeof roleRef['name'] !== 'string') return undefined;
  const { kind, name } = roleRef;
  if (kind === 'ClusterRole') return { ...rbac, kind, name };
  return { ...rbac, kind: 'Role', name, ...(metadata.namespace ? { namespace: metadata.namespace } : {}) };
}
