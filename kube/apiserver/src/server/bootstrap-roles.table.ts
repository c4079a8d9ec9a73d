import type { PolicyRule } from '../registry/api.ts';

interface BootstrapRole {
  rules: PolicyRule[];
  /** This role is the union of those that aggregate to it. */
  aggregates?: string;
  aggregateTo?: string;
}

const read = ['get', 'list', 'watch'];
const write = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const all = ['*'];

function rule(apiGroups: string[], resources: string[], verbs: string[]): PolicyRule {
  return { verbs, apiGroups, resources };
}

function paths(nonResourceURLs: string[]): PolicyRule {
  return { verbs: ['get'], nonResourceURLs };
}

const coreWrite = [
  'configmaps',
  'events',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'replicationcontrollers/scale',
  'services',
];
const coreRead = [
  'bindings',
  'configmaps',
  'endpoints',
  'events',
  'limitranges',
  'namespaces',
  'namespaces/status',
  'persistentvolumeclaims',
  'persistentvolumeclaims/status',
  'pods',
  'pods/log',
  'pods/status',
  'replicationcontrollers',
  'replicationcontrollers/scale',
  'replicationcontrollers/status',
  'resourcequotas',
  'resourcequotas/status',
  'serviceaccounts',
  'services',
  'services/status',
];
const appsWrite = [
  'daemonsets',
  'deployments',
  'deployments/rollback',
  'deployments/scale',
  'replicasets',
  'replicasets/scale',
  'statefulsets',
  'statefulsets/scale',
];
const appsRead = [
  'controllerrevisions',
  'daemonsets',
  'daemonsets/status',
  'deployments',
  'deployments/scale',
  'deployments/status',
  'replicasets',
  'replicasets/scale',
  'replicasets/status',
  'statefulsets',
  'statefulsets/scale',
  'statefulsets/status',
];

const view: PolicyRule[] = [
  rule([''], coreRead, read),
  rule(['discovery.k8s.io'], ['endpointslices'], read),
  rule(['apps'], appsRead, read),
  rule(['autoscaling'], ['horizontalpodautoscalers', 'horizontalpodautoscalers/status'], read),
  rule(['batch'], ['cronjobs', 'cronjobs/status', 'jobs', 'jobs/status'], read),
  rule(['policy'], ['poddisruptionbudgets', 'poddisruptionbudgets/status'], read),
  rule(['networking.k8s.io'], ['ingresses', 'ingresses/status', 'networkpolicies'], read),
];

const edit: PolicyRule[] = [
  rule([''], ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'secrets', 'services/proxy'], read),
  rule([''], ['serviceaccounts'], ['impersonate']),
  rule([''], ['pods', 'pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy'], write),
  rule([''], ['pods/eviction'], ['create']),
  rule([''], [...coreWrite, 'secrets', 'serviceaccounts', 'services/proxy'], write),
  rule([''], ['serviceaccounts/token'], ['create']),
  rule(['apps'], appsWrite, write),
  rule(['autoscaling'], ['horizontalpodautoscalers'], write),
  rule(['batch'], ['cronjobs', 'jobs'], write),
  rule(['policy'], ['poddisruptionbudgets'], write),
  rule(['networking.k8s.io'], ['ingresses', 'networkpolicies'], write),
  rule(['coordination.k8s.io'], ['leases'], [...write, ...read]),
];

const admin: PolicyRule[] = [
  rule(['authorization.k8s.io'], ['localsubjectaccessreviews'], ['create']),
  rule(['rbac.authorization.k8s.io'], ['rolebindings', 'roles'], [...write, ...read]),
];

/** The default ClusterRoles that clients rely on. */
export const clusterRoles: Record<string, BootstrapRole> = {
  'cluster-admin': { rules: [rule(all, all, all), { verbs: all, nonResourceURLs: all }] },
  'system:discovery': {
    rules: [
      paths([
        '/api',
        '/api/*',
        '/apis',
        '/apis/*',
        '/healthz',
        '/livez',
        '/openapi',
        '/openapi/*',
        '/readyz',
        '/version',
        '/version/',
      ]),
    ],
  },
  'system:public-info-viewer': { rules: [paths(['/healthz', '/livez', '/readyz', '/version', '/version/'])] },
  'system:basic-user': {
    rules: [
      rule(['authorization.k8s.io'], ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], ['create']),
      rule(['authentication.k8s.io'], ['selfsubjectreviews'], ['create']),
    ],
  },
  'system:service-account-issuer-discovery': {
    rules: [
      paths([
        '/.well-known/openid-configuration',
        '/.well-known/openid-configuration/',
        '/openid/v1/jwks',
        '/openid/v1/jwks/',
      ]),
    ],
  },
  'system:auth-delegator': {
    rules: [
      rule(['authentication.k8s.io'], ['tokenreviews'], ['create']),
      rule(['authorization.k8s.io'], ['subjectaccessreviews'], ['create']),
    ],
  },
  admin: { rules: [], aggregates: 'admin' },
  edit: { rules: [], aggregates: 'edit', aggregateTo: 'admin' },
  view: { rules: [], aggregates: 'view', aggregateTo: 'edit' },
  'system:aggregate-to-admin': { rules: admin, aggregateTo: 'admin' },
  'system:aggregate-to-edit': { rules: edit, aggregateTo: 'edit' },
  'system:aggregate-to-view': { rules: view, aggregateTo: 'view' },
};

const group = (name: string) => ({ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name });

export const clusterRoleBindings: Record<string, ReturnType<typeof group>[]> = {
  'cluster-admin': [group('system:masters')],
  'system:discovery': [group('system:authenticated')],
  'system:public-info-viewer': [group('system:authenticated'), group('system:unauthenticated')],
  'system:basic-user': [group('system:authenticated')],
  'system:service-account-issuer-discovery': [group('system:serviceaccounts')],
};
