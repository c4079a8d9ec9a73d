import type { KubeObject } from '@flux/apimachinery';

const capacity = { cpu: '64', memory: '256Gi', pods: '2000' };

export const node = {
  metadata: { name: 'n0', labels: { 'kubernetes.io/hostname': 'n0', 'kubernetes.io/os': 'linux' } },
  status: { allocatable: capacity, capacity },
};

function template(app: string, spec: object = {}) {
  return { metadata: { labels: { app } }, spec: { containers: [{ name: 'c', image: `${app}:1`, ...spec }] } };
}

const selectorOf = (app: string) => ({ matchLabels: { app } });

export const service = {
  metadata: { name: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
};

export const deployment = {
  metadata: { name: 'web' },
  spec: {
    replicas: 3,
    selector: selectorOf('web'),
    template: template('web', {
      ports: [{ name: 'http', containerPort: 80 }],
      resources: { requests: { cpu: '100m' } },
    }),
  },
};

export const storageClass = {
  metadata: { name: 'by-hand' },
  provisioner: 'kubernetes.io/no-provisioner',
  volumeBindingMode: 'Immediate',
};

function volume(name: string, storage: string) {
  return {
    metadata: { name },
    spec: {
      capacity: { storage },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'by-hand',
      hostPath: { path: `/tmp/${name}` },
    },
  };
}

export const volumes = [volume('small-0', '1Gi'), volume('small-1', '1Gi'), volume('large', '2Gi')];

function claimSpec(storage: string) {
  return { accessModes: ['ReadWriteOnce'], storageClassName: 'by-hand', resources: { requests: { storage } } };
}

export const claim = { metadata: { name: 'disk' }, spec: claimSpec('2Gi') };

export const statefulSet = {
  metadata: { name: 'db' },
  spec: {
    serviceName: 'db',
    replicas: 2,
    selector: selectorOf('db'),
    template: template('db', { volumeMounts: [{ name: 'data', mountPath: '/data' }] }),
    volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claimSpec('1Gi') }],
  },
};

export const daemonSet = {
  metadata: { name: 'agent' },
  spec: { selector: selectorOf('agent'), template: template('agent') },
};

function jobTemplate(app: string) {
  const { metadata, spec } = template(app);
  return { metadata, spec: { ...spec, restartPolicy: 'Never' } };
}

export const jobs = [
  { metadata: { name: 'once' }, spec: { completions: 2, parallelism: 2, template: jobTemplate('once') } },
  { metadata: { name: 'brief' }, spec: { ttlSecondsAfterFinished: 1, template: jobTemplate('brief') } },
];

export const cronJob = {
  metadata: { name: 'tick' },
  spec: { schedule: '* * * * *', jobTemplate: { spec: { template: jobTemplate('tick') } } },
};

/** Its upper bound is below what the Deployment has by then, so that it scales without any metrics. */
export const autoscaler = {
  metadata: { name: 'web' },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    minReplicas: 1,
    maxReplicas: 4,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
  },
};

export const quota = { metadata: { name: 'few' }, spec: { hard: { 'count/deployments.apps': '1', secrets: '5' } } };

export const budget = { metadata: { name: 'db' }, spec: { minAvailable: 1, selector: selectorOf('db') } };

export function eviction(name: string) {
  return { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } };
}

export const tokenSecret = {
  metadata: { name: 'robot', annotations: { 'kubernetes.io/service-account.name': 'default' } },
  type: 'kubernetes.io/service-account-token',
};

export const whoAmI = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };

export const toyDefinition = {
  metadata: { name: 'toys.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'toys', kind: 'Toy' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
};

export function toyOwnedBy({ metadata: { name, uid } }: KubeObject) {
  return {
    apiVersion: 'example.com/v1',
    kind: 'Toy',
    metadata: { name: 'ball', ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid }] },
  };
}
