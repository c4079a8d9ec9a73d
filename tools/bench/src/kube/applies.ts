import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { inParallel } from '../until-ready.ts';

export const namespace = 'bench';

export function configMap(name: string, value: string, app = 'bench'): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels: { app } }, data: { value } };
}

export async function createNamespace(cluster: Cluster): Promise<void> {
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
}

/** Server-side applies a second, 20 at a time: half of them create a small object, half change it. */
export async function measureApplies(cluster: Cluster, prefix: string, count: number): Promise<number> {
  const names = Array.from({ length: count / 2 }, (_, index) => `${prefix}-${index}`);
  const apply = (value: string) => (name: string) =>
    cluster.apply(configMap(name, value), { fieldManager: 'bench', force: true });
  const start = performance.now();
  await inParallel(names, apply('one'));
  await inParallel(names, apply('two'));
  return (count * 1000) / (performance.now() - start);
}

/** Fills the namespace with objects of about 1 KB, labelled `app: filled`. */
export async function fill(cluster: Cluster, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `object-${index}`);
  await inParallel(names, (name) =>
    cluster.create(configMap(name, name.padEnd(700, '.'), 'filled'), { fieldManager: 'bench' }),
  );
}
