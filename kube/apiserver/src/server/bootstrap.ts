import type { KubeObject } from '@flux/apimachinery';
import type { Api } from '../registry/api.ts';
import { createObject } from '../registry/create.ts';
import { storageKey } from '../storage/bucket.ts';
import { copyJson } from '../storage/freeze.ts';
import { clusterRoleBindings, clusterRoles } from './bootstrap-roles.table.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

/** What every cluster has from its first moment: system namespaces, default roles, priority classes. */
export function bootstrap(api: Api): void {
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    ensure(api, '', 'namespaces', { metadata: { name } });
  }
  const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
  const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' };
  for (const [name, { rules, aggregates, aggregateTo }] of Object.entries(clusterRoles)) {
    const own = aggregateTo ? { [`${rbacGroup}/aggregate-to-${aggregateTo}`]: 'true' } : {};
    const aggregation = aggregates
      ? {
          aggregationRule: {
            clusterRoleSelectors: [{ matchLabels: { [`${rbacGroup}/aggregate-to-${aggregates}`]: 'true' } }],
          },
        }
      : {};
    ensure(api, rbacGroup, 'clusterroles', {
      metadata: { name, labels: { ...labels, ...own }, annotations },
      ...aggregation,
      rules,
    });
  }
  for (const [name, subjects] of Object.entries(clusterRoleBindings)) {
    const roleRef = { apiGroup: rbacGroup, kind: 'ClusterRole', name };
    ensure(api, rbacGroup, 'clusterrolebindings', { metadata: { name, labels, annotations }, roleRef, subjects });
  }
  for (const [name, value] of [
    ['system-node-critical', 2000001000],
    ['system-cluster-critical', 2000000000],
  ] as const) {
    const description = `Used for system critical pods that must ${name === 'system-node-critical' ? 'not be moved from their current node' : 'run in the cluster, but can be moved to another node if necessary'}.`;
    ensure(api, 'scheduling.k8s.io', 'priorityclasses', { metadata: { name }, value, description });
  }
}

type Draft = Record<string, unknown> & { metadata: { name: string; namespace?: string; [field: string]: unknown } };

/** Creates an object unless it is there. */
function ensure(api: Api, group: string, plural: string, draft: Draft): KubeObject {
  const resource = api.resource(group, plural);
  const { name, namespace } = draft.metadata;
  const known = resource.bucket.get(storageKey(namespace, name));
  if (known) return known;
  return createObject(systemRequest(api, group, plural, namespace), resource.decode(copyJson(draft), { strict: [] }));
}

/** A write by the server itself. */
function systemRequest(
  api: Api,
  group: string,
  plural: string,
  namespace: string | undefined,
  manager = 'kube-apiserver',
) {
  return {
    api,
    resource: api.resource(group, plural),
    namespace,
    name: undefined,
    subresource: '',
    dryRun: false,
    fieldManager: manager,
    fieldValidation: 'Ignore' as const,
    user: { name: 'system:apiserver', groups: ['system:masters'] },
    warn: () => undefined,
  };
}
