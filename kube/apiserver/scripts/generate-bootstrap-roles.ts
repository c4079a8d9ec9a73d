/**
 * Derives `src/server/bootstrap-roles.generated.json` from what a real API server made of its policy when it started: the
 * roles and bindings that it labels as its defaults. Run, with a kubeconfig of `npm run kubernetes`:
 * `kubectl get clusterroles,clusterrolebindings,roles,rolebindings -A -o json | node kube/apiserver/scripts/generate-bootstrap-roles.ts`
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface RbacObject {
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  rules?: unknown[];
  aggregationRule?: unknown;
  subjects?: unknown[];
  roleRef?: unknown;
}

const label = 'kubernetes.io/bootstrapping';
const { items } = JSON.parse(readFileSync(0, 'utf8')) as { items: RbacObject[] };
const plurals: Record<string, string> = {
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  Role: 'roles',
  RoleBinding: 'rolebindings',
};

/** Rules of an aggregating role are what the roles that it selects make them. */
function contentOf({ aggregationRule, rules, roleRef, subjects }: RbacObject): Record<string, unknown> {
  if (roleRef) return { roleRef, subjects };
  return aggregationRule ? { aggregationRule } : { rules };
}

const lines = items
  .filter(({ metadata }) => metadata.labels?.[label] === 'rbac-defaults')
  .map((object) => {
    const { name, namespace, labels = {} } = object.metadata;
    const own = Object.fromEntries(Object.entries(labels).filter(([key]) => key !== label));
    const metadata = {
      name,
      ...(namespace ? { namespace } : {}),
      ...(Object.keys(own).length > 0 ? { labels: own } : {}),
    };
    return JSON.stringify([plurals[object.kind], { metadata, ...contentOf(object) }]);
  });
const target = new URL('../src/server/bootstrap-roles.generated.json', import.meta.url);
writeFileSync(target, `[\n${lines.join(',\n')}\n]\n`);
