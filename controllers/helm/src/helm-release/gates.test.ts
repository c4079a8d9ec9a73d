import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { packChart, serveCharts, startEmbeddedCluster } from '@flux/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  conditionOf,
  demoChart,
  demoRelease,
  type HelmWorld,
  hasReason,
  isReadyNow,
  releaseRef,
  startHelmWorld,
} from './testing/helm-world.ts';

let world: HelmWorld;
let cluster: Cluster;
let namespace = '';

beforeAll(async () => {
  world = await startHelmWorld(
    { startEmbeddedCluster, serveCharts, packChart },
    {
      usesHelm3Defaults: true,
      addsReadyExpr: true,
      configSelector: '', // DisableConfigWatchers
      defaultServiceAccount: 'deployer',
      refusesCrossNamespaceRefs: true,
    },
  );
  ({ cluster } = world);
  await world.publish(demoChart('1.0.0'));
});

afterAll(() => world?.[Symbol.asyncDispose]());

beforeEach(async () => {
  namespace = await world.namespace();
  await cluster.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'deployer', namespace } });
  await cluster.create({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace }],
  } as KubeObject);
});

const config = () => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'demo-config' });

test('with the defaults of Helm 3 objects are created by the client (HELM-CTRL-07)', async () => {
  await cluster.create(demoRelease(namespace));
  await world.until(namespace, 'demo', isReadyNow);

  const { metadata } = await cluster.get(config());

  expect(metadata.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`)).toEqual([
    'helm-controller Update',
  ]);
});

test('an expression counts beside readiness when it is additive (HELM-CTRL-07)', async () => {
  const first = { values: { nodeSelector: { none: 'true' } } };
  await cluster.create(demoRelease(namespace, first, 'first'));
  const dependsOn = [{ name: 'first', readyExpr: 'true' }];
  await cluster.create(demoRelease(namespace, { dependsOn }, 'second'));

  const waiting = await world.until(namespace, 'second', hasReason('DependencyNotReady'));

  expect(conditionOf(waiting, 'Ready')?.message).toBe(`dependency '${namespace}/first' is not ready`);
});

test('without watchers a labelled ConfigMap is read at the next pass only (HELM-CTRL-07)', async () => {
  const labels = { 'reconcile.fluxcd.io/watch': 'Enabled' };
  const data = (message: string) => ({ 'values.yaml': `message: ${message}\n` });
  const values = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'values', namespace, labels } };
  await cluster.create({ ...values, data: data('one') });
  await cluster.create(demoRelease(namespace, { valuesFrom: [{ kind: 'ConfigMap', name: 'values' }] }));
  await world.until(namespace, 'demo', isReadyNow);

  await cluster.patch({ ...config(), name: 'values' }, 'merge', { data: data('two') });
  await cluster.create(demoRelease(namespace, { releaseName: 'other' }, 'other'));
  await world.until(namespace, 'other', isReadyNow);

  expect((await cluster.get(config()))['data'].message).toBe('one');
  const annotations = { 'reconcile.fluxcd.io/requestedAt': 'now' };
  await cluster.patch(releaseRef(namespace), 'merge', { metadata: { annotations } });
  await world.until(namespace, 'demo', (object) => object.status?.history?.[0]?.version === 2 && isReadyNow(object));
  expect((await cluster.get(config()))['data'].message).toBe('two');
});

test('the default account stands in where none is named, and its rights count (HELM-CTRL-06)', async () => {
  await cluster.delete({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    name: namespace,
  });
  await cluster.create(demoRelease(namespace));

  const refused = await world.until(namespace, 'demo', hasReason('StateError'));

  expect(conditionOf(refused, 'Ready')?.message).toContain(
    `secrets is forbidden: User "system:serviceaccount:${namespace}:deployer" cannot list resource "secrets"`,
  );
});

test('references to other namespaces are refused for good, and for templates without a word (HELM-FLOW-06)', async () => {
  const chartRef = { kind: 'HelmChart', name: 'x', namespace: 'elsewhere' };
  await cluster.create(demoRelease(namespace, { chart: undefined, chartRef }, 'referring'));
  const sourceRef = { kind: 'HelmRepository', name: 'charts', namespace: 'elsewhere' };
  await cluster.create(demoRelease(namespace, { chart: { spec: { chart: 'demo', sourceRef } } }, 'templated'));

  const refused = await world.until(namespace, 'referring', hasReason('AccessDenied'));

  const message = 'cross-namespace references are not allowed: cannot access HelmChart elsewhere/x';
  expect(conditionOf(refused, 'Stalled')).toMatchObject({ status: 'True', reason: 'AccessDenied', message });
  expect(await world.events(namespace)).toContain(`Warning AccessDenied ${message}`);
  const templated = await world.until(namespace, 'templated', () => true);
  expect(conditionOf(templated, 'Ready')).toBeUndefined();
});
