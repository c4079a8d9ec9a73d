import { configMap, deployment } from './direct-client.ts';

/** A kind with defaults, rules, a list map, status and scale. */
export const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'things', kind: 'Thing' },
    versions: [
      {
        ...{ name: 'v1', served: true, storage: true, subresources: { status: {}, scale: scale() } },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                'x-kubernetes-validations': [{ rule: 'self.replicas < 10' }],
                properties: {
                  replicas: { type: 'integer', default: 1 },
                  list: {
                    ...{ type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
                    items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
                  },
                },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
};

function scale() {
  return { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
}

/** Objects that are right, and where they live. */
export const seeds: readonly (readonly [collection: string, object: Record<string, unknown>])[] = [
  ['/api/v1/namespaces/default/configmaps', configMap('x', { a: '1' })],
  [
    '/api/v1/namespaces/default/secrets',
    seed('v1', 'Secret', { data: { a: 'YQ==' }, stringData: { b: 'c' }, type: 'Opaque' }),
  ],
  ['/api/v1/namespaces', seed('v1', 'Namespace', { spec: { finalizers: ['kubernetes'] } })],
  [
    '/api/v1/nodes',
    seed('v1', 'Node', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] }, status: { capacity: { cpu: '1' } } }),
  ],
  ['/api/v1/namespaces/default/pods', seed('v1', 'Pod', { spec: podSpec() })],
  [
    '/api/v1/namespaces/default/services',
    seed('v1', 'Service', {
      spec: { ports: [{ name: 'a', port: 80, targetPort: 'http' }], selector: { a: 'b' }, type: 'NodePort' },
    }),
  ],
  ['/api/v1/namespaces/default/serviceaccounts', seed('v1', 'ServiceAccount', { imagePullSecrets: [{ name: 'a' }] })],
  [
    '/api/v1/namespaces/default/persistentvolumeclaims',
    seed('v1', 'PersistentVolumeClaim', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }),
  ],
  [
    '/api/v1/persistentvolumes',
    seed('v1', 'PersistentVolume', {
      spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/a' } },
    }),
  ],
  [
    '/api/v1/namespaces/default/resourcequotas',
    seed('v1', 'ResourceQuota', { spec: { hard: { pods: '10', 'count/configmaps': '5' } } }),
  ],
  [
    '/api/v1/namespaces/default/limitranges',
    seed('v1', 'LimitRange', { spec: { limits: [{ type: 'Container', default: { cpu: '1' }, max: { cpu: '2' } }] } }),
  ],
  [
    '/api/v1/namespaces/default/events',
    seed('v1', 'Event', { involvedObject: { kind: 'Pod', namespace: 'default', name: 'a' }, message: 'm', count: 1 }),
  ],
  [
    '/api/v1/namespaces/default/endpoints',
    seed('v1', 'Endpoints', { subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] }),
  ],
  ['/apis/apps/v1/namespaces/default/deployments', deployment('x')],
  ['/apis/apps/v1/namespaces/default/replicasets', { ...deployment('x'), kind: 'ReplicaSet' }],
  ['/apis/apps/v1/namespaces/default/daemonsets', seed('apps/v1', 'DaemonSet', { spec: workload() })],
  [
    '/apis/apps/v1/namespaces/default/statefulsets',
    seed('apps/v1', 'StatefulSet', {
      spec: {
        ...workload(),
        ...{ serviceName: 's', updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } },
        volumeClaimTemplates: [
          {
            metadata: { name: 'v' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ],
      },
    }),
  ],
  [
    '/apis/batch/v1/namespaces/default/jobs',
    seed('batch/v1', 'Job', { spec: { template: { spec: { ...podSpec(), restartPolicy: 'Never' } } } }),
  ],
  [
    '/apis/batch/v1/namespaces/default/cronjobs',
    seed('batch/v1', 'CronJob', {
      spec: {
        schedule: '*/5 * * * *',
        jobTemplate: { spec: { template: { spec: { ...podSpec(), restartPolicy: 'Never' } } } },
      },
    }),
  ],
  [
    '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers',
    seed('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: {
        ...{ scaleTargetRef: { kind: 'Deployment', name: 'a', apiVersion: 'apps/v1' }, maxReplicas: 3 },
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
        ],
      },
    }),
  ],
  [
    '/apis/networking.k8s.io/v1/namespaces/default/ingresses',
    seed('networking.k8s.io/v1', 'Ingress', {
      spec: {
        tls: [{ hosts: ['a.b'], secretName: 's' }],
        rules: [
          {
            host: 'a.b',
            http: {
              paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } }],
            },
          },
        ],
      },
    }),
  ],
  [
    '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies',
    seed('networking.k8s.io/v1', 'NetworkPolicy', {
      spec: {
        podSelector: {},
        policyTypes: ['Ingress'],
        ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }] }],
      },
    }),
  ],
  [
    '/apis/policy/v1/namespaces/default/poddisruptionbudgets',
    seed('policy/v1', 'PodDisruptionBudget', { spec: { minAvailable: '50%', selector: { matchLabels: { a: 'b' } } } }),
  ],
  [
    '/apis/coordination.k8s.io/v1/namespaces/default/leases',
    seed('coordination.k8s.io/v1', 'Lease', {
      spec: { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime: '2024-01-01T00:00:00.000000Z' },
    }),
  ],
  [
    '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    seed('rbac.authorization.k8s.io/v1', 'ClusterRole', {
      rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }],
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
    }),
  ],
  [
    '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings',
    seed('rbac.authorization.k8s.io/v1', 'RoleBinding', {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'a', namespace: 'default' }],
    }),
  ],
  [
    '/apis/storage.k8s.io/v1/storageclasses',
    seed('storage.k8s.io/v1', 'StorageClass', { provisioner: 'a/b', parameters: { a: 'b' } }),
  ],
  ['/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition],
  [
    '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
    seed('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', { webhooks: [webhook()] }),
  ],
  [
    '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
    seed('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', { webhooks: [webhook()] }),
  ],
  [
    '/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies',
    seed('admissionregistration.k8s.io/v1', 'MutatingAdmissionPolicy', {
      spec: {
        ...{
          matchConstraints: { resourceRules: rules() },
          reinvocationPolicy: 'Never',
          variables: [{ name: 'v', expression: '1' }],
        },
        mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } }],
      },
    }),
  ],
  [
    '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
    seed('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', {
      spec: { matchConstraints: { resourceRules: rules() }, validations: [{ expression: 'true', message: 'm' }] },
    }),
  ],
  [
    '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
    seed('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding', {
      spec: { policyName: 'x', validationActions: ['Deny'] },
    }),
  ],
  [
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    seed('authorization.k8s.io/v1', 'SubjectAccessReview', {
      spec: { user: 'a', groups: ['b'], resourceAttributes: { verb: 'get', resource: 'pods' } },
    }),
  ],
  [
    '/apis/authentication.k8s.io/v1/tokenreviews',
    seed('authentication.k8s.io/v1', 'TokenReview', { spec: { token: 'a' } }),
  ],
  [
    '/apis/example.com/v1/namespaces/default/things',
    seed('example.com/v1', 'Thing', { spec: { replicas: 2, list: [{ name: 'a' }] } }),
  ],
];

function seed(apiVersion: string, kind: string, fields: object): Record<string, unknown> {
  const metadata = { name: 'x', labels: { a: 'b' }, annotations: { c: 'd' }, finalizers: [], ownerReferences: [] };
  return { apiVersion, kind, metadata, ...fields };
}

function podSpec() {
  const resources = { limits: { cpu: '1', memory: '1Gi' } };
  const probe = { httpGet: { path: '/', port: 80 } };
  const env = [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }];
  const container = { name: 'c', image: 'i', ports: [{ containerPort: 80 }], resources, env, livenessProbe: probe };
  return {
    containers: [{ ...container, volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
    volumes: [{ name: 'v', emptyDir: {} }],
    tolerations: [{ key: 'a', operator: 'Exists' }],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
        },
      },
    },
    securityContext: { runAsUser: 1 },
  };
}

function workload() {
  return { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: podSpec() } };
}

function rules() {
  return [{ apiGroups: ['example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['things'] }];
}

function webhook() {
  return {
    failurePolicy: 'Ignore',
    ...{ name: 'a.example.com', sideEffects: 'None', admissionReviewVersions: ['v1'], rules: rules() },
    ...{ clientConfig: { url: 'https://127.0.0.1:1/a' }, matchConditions: [{ name: 'c', expression: 'true' }] },
  };
}
