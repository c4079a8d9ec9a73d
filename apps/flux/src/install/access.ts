import { kinds } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import type { InstallOptions } from './options.ts';

const rbac = 'rbac.authorization.k8s.io';
const everything = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];
const reading = ['get', 'list', 'watch'];

/** Name of the ServiceAccount, Deployment and container of the controllers. */
export const managerName = 'flux-manager';

/** Roles of the controllers, and those that let users view and edit Flux's kinds (spec cli 3.1). */
export function accessObjects({ namespace }: InstallOptions): KubeObject[] {
  const groups = [...new Set(kinds.map(({ group }) => group))];
  return [
    clusterRole(`crd-controller-${namespace}`, {}, [
      ...groups.map((group) => ({ apiGroups: [group], resources: ['*'], verbs: ['*'] })),
      { apiGroups: [''], resources: ['namespaces', 'secrets', 'configmaps', 'serviceaccounts'], verbs: reading },
      { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
      { apiGroups: [''], resources: ['configmaps'], verbs: everything },
      { apiGroups: [''], resources: ['configmaps/status'], verbs: ['get', 'update', 'patch'] },
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: everything },
      { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] },
      { nonResourceURLs: ['/livez/ping'], verbs: ['head'] },
    ]),
    clusterRole(`flux-edit-${namespace}`, aggregates('admin', 'edit'), [
      { apiGroups: groups, resources: ['*'], verbs: ['create', 'delete', 'deletecollection', 'patch', 'update'] },
    ]),
    clusterRole(`flux-view-${namespace}`, aggregates('admin', 'edit', 'view'), [
      { apiGroups: groups, resources: ['*'], verbs: reading },
    ]),
    clusterRoleBinding(`cluster-reconciler-${namespace}`, 'cluster-admin', namespace),
    clusterRoleBinding(`crd-controller-${namespace}`, `crd-controller-${namespace}`, namespace),
  ];
}

function aggregates(...roles: string[]): Record<string, string> {
  return Object.fromEntries(roles.map((role) => [`${rbac}/aggregate-to-${role}`, 'true']));
}

function clusterRole(name: string, labels: Record<string, string>, rules: object[]): KubeObject {
  return { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name, labels }, rules };
}

function clusterRoleBinding(name: string, role: string, namespace: string): KubeObject {
  return {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name: managerName, namespace }],
  };
}
