import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type HelmRelease, helmRelease } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import { temporaryDirectory } from '@flux/fs';
import { silentLog } from '@flux/runtime';
import { startEmbeddedCluster } from '@flux/testkit';
import { parseYaml } from '@flux/yaml';
import { expect, test } from 'vitest';
import { startManager } from './start-manager.ts';
import { serveChartFolder } from './up/chart-repository.ts';
import { rewriterOf } from './up/rewrite-url.ts';

const examples = resolve(import.meta.dirname, '..', '..', '..', 'examples');
const release = {
  apiVersion: helmRelease.apiVersion,
  kind: helmRelease.kind,
  namespace: 'flux-system',
  name: 'podinfo',
};
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'flux-system', name: 'podinfo' };

/** The second variant of the founding document's HelmRelease: values come from a ConfigMap. */
const withValuesFrom = `apiVersion: helm.toolkit.fluxcd.io/v2beta1
kind: HelmRelease
metadata:
  name: podinfo
  namespace: flux-system
spec:
  interval: 5m
  chart:
    spec:
      chart: podinfo
      sourceRef:
        kind: HelmRepository
        name: podinfo
  valuesFrom:
  - kind: ConfigMap
    name: podinfo-values
    valuesKey: values.yaml
`;

test('both HelmReleases of the founding document become Ready unchanged', async () => {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await temporaryDirectory('seed-releases'));
  const { cluster } = stack.use(await startEmbeddedCluster());
  const charts = stack.use(
    await serveChartFolder(join(examples, 'charts'), join(directory.path, 'charts'), { host: '127.0.0.1', port: 0 }),
  );
  const manager = await startManager({
    cluster,
    log: silentLog,
    storagePath: directory.path,
    storageAddress: '127.0.0.1:0',
    rewriteUrl: rewriterOf([`https://stefanprodan.github.io/podinfo=${charts.url}`]),
  });
  stack.defer(() => manager.stop());
  await manager.started;
  const apply = (text: string) =>
    cluster.apply(parseYaml(text, { mode: 'sigs' }) as KubeObject, { fieldManager: 'kubectl', force: true });
  const untilReady = (predicate: (object: HelmRelease) => boolean) =>
    manager.watches.waitFor(
      release,
      (object) => object !== undefined && isReady(object as HelmRelease) && predicate(object as HelmRelease),
      AbortSignal.timeout(60_000),
    );
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } });
  await apply(await readFile(join(examples, 'fleet', '03-helmrepository-podinfo.yaml'), 'utf8'));

  await apply(await readFile(join(examples, 'fleet', '06-helmrelease-podinfo.yaml'), 'utf8'));
  await untilReady(() => true);
  expect((await cluster.get(deployment))['spec'].replicas).toBe(2);

  const metadata = { name: 'podinfo-values', namespace: 'flux-system' };
  await cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'values.yaml': 'replicaCount: 3\n' } });
  await apply(withValuesFrom);
  await untilReady(({ status }) => status?.history?.[0]?.version === 2);
  expect((await cluster.get(deployment))['spec'].replicas).toBe(3);
});

function isReady({ status, metadata }: HelmRelease): boolean {
  const conditions = status?.conditions ?? [];
  return (
    status?.observedGeneration === metadata.generation &&
    conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True')
  );
}
