import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { inParallel } from '../until-ready.ts';
import { namespace } from './applies.ts';

/** Objects as clusters have them, about 4 KB each with their managed fields. */
export async function createInformed(cluster: Cluster, kind: 'Deployment' | 'Secret', count: number): Promise<void> {
  const make = kind === 'Deployment' ? deployment : secret;
  const names = Array.from({ length: count }, (_, index) => `app-${index}`);
  await inParallel(names, (name) => cluster.apply(make(name), { fieldManager: 'bench', force: true }));
}

function secret(name: string): KubeObject {
  const keys = Array.from({ length: 6 }, (_, index) => `key-${index}`);
  const data = Object.fromEntries(
    keys.map((key) => [key, Buffer.from(`${name}-${key}`.padEnd(380, '.')).toString('base64')]),
  );
  return { apiVersion: 'v1', kind: 'Secret', metadata: metadataOf(name), data };
}

function deployment(name: string): KubeObject {
  const labels = { 'app.kubernetes.io/name': name };
  const env = Array.from({ length: 6 }, (_, index) => ({ name: `SETTING_${index}`, value: `${name}-value-${index}` }));
  const probe = { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 10, failureThreshold: 3 };
  const container = {
    name: 'app',
    image: `registry.example.com/team/${name}:1.2.3`,
    args: ['--config=/etc/app/config.yaml', '--log-level=info'],
    env,
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    livenessProbe: probe,
    readinessProbe: probe,
    volumeMounts: [{ name: 'config', mountPath: '/etc/app' }],
  };
  const spec = {
    serviceAccountName: name,
    containers: [container],
    volumes: [{ name: 'config', configMap: { name } }],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadataOf(name),
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

function metadataOf(name: string): KubeObject['metadata'] {
  const labels = { 'app.kubernetes.io/name': name, 'kustomize.toolkit.fluxcd.io/name': 'apps' };
  return { name, namespace, labels, annotations: { 'example.com/owner': 'platform-team' } };
}
