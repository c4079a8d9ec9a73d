import type { KubeObject } from '@flux/apimachinery';
import { managerName } from './access.ts';
import type { InstallOptions } from './options.ts';

const artifactServices = ['source-controller'];

/** The controllers' ServiceAccount, Deployment and the Services under which others know them (spec cli 3.1). */
export function managerObjects(options: InstallOptions): KubeObject[] {
  const { namespace, components, imagePullSecret } = options;
  const pullSecrets = imagePullSecret ? { imagePullSecrets: [{ name: imagePullSecret }] } : {};
  const services = artifactServices.filter((name) => components.includes(name)).map((name) => service(name, namespace));
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: managerName, namespace }, ...pullSecrets },
    ...services,
    deployment(options),
  ];
}

function service(name: string, namespace: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: { 'control-plane': 'controller' } },
    spec: {
      type: 'ClusterIP',
      selector: { app: managerName },
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 'http' }],
    },
  };
}

function deployment(options: InstallOptions): KubeObject {
  const { namespace } = options;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: managerName, namespace, labels: { 'control-plane': 'controller' } },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: managerName } },
      strategy: { type: 'Recreate' },
      template: {
        metadata: {
          labels: { app: managerName },
          annotations: { 'prometheus.io/port': '8080', 'prometheus.io/scrape': 'true' },
        },
        spec: podSpec(options),
      },
    },
  };
}

function podSpec(options: InstallOptions): object {
  const { tolerationKeys } = options;
  return {
    serviceAccountName: managerName,
    terminationGracePeriodSeconds: 60,
    priorityClassName: 'system-cluster-critical',
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    ...(tolerationKeys.length > 0 ? { tolerations: tolerationKeys.map((key) => ({ key, operator: 'Exists' })) } : {}),
    securityContext: { fsGroup: 1337 },
    containers: [container(options)],
    volumes: [
      { name: 'data', emptyDir: {} },
      { name: 'tmp', emptyDir: {} },
    ],
  };
}

function container({ image, components, logLevel, watchAllNamespaces, clusterDomain }: InstallOptions): object {
  return {
    name: 'manager',
    image,
    imagePullPolicy: 'IfNotPresent',
    args: [
      'manager',
      `--controllers=${components.join(',')}`,
      `--watch-all-namespaces=${watchAllNamespaces}`,
      `--log-level=${logLevel}`,
      '--log-encoding=json',
      '--enable-leader-election',
      '--storage-path=/data',
      `--storage-adv-addr=source-controller.$(RUNTIME_NAMESPACE).svc.${clusterDomain}.`,
    ],
    env: [{ name: 'RUNTIME_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }],
    ports: [
      { name: 'http', containerPort: 9090, protocol: 'TCP' },
      { name: 'http-prom', containerPort: 8080, protocol: 'TCP' },
      { name: 'healthz', containerPort: 9440, protocol: 'TCP' },
    ],
    livenessProbe: { httpGet: { path: '/healthz', port: 'healthz' } },
    readinessProbe: { httpGet: { path: '/readyz', port: 'healthz' } },
    resources: { limits: { cpu: '2000m', memory: '1Gi' }, requests: { cpu: '100m', memory: '128Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: [
      { name: 'data', mountPath: '/data' },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}
