import type { HelmRelease } from '@flux/api';
import type { Cluster } from '@flux/client';
import type { Release } from '@flux/helm';
import { packChart, serveCharts, startEmbeddedCluster } from '@flux/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { inventoryOfRelease } from './manifest/inventory.ts';
import {
  demoChart,
  demoRelease,
  type HelmWorld,
  hasReason,
  isReadyNow,
  isStalled,
  releaseRef,
  startHelmWorld,
} from './testing/helm-world.ts';

let world: HelmWorld;
let cluster: Cluster;
let namespace = '';

beforeAll(async () => {
  world = await startHelmWorld({ startEmbeddedCluster, serveCharts, packChart });
  ({ cluster } = world);
});

afterAll(() => world?.[Symbol.asyncDispose]());

beforeEach(async () => {
  namespace = await world.namespace();
});

const ids = (object: HelmRelease) => object.status?.inventory?.entries.map(({ id }) => id);
const hook = `apiVersion: v1
kind: ConfigMap
metadata:
  name: hook
  annotations: {helm.sh/hook: post-install}
`;
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'medlars.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Medlar', plural: 'medlars', singular: 'medlar', listKind: 'MedlarList' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
};

test('hooks are not in it, definitions are, even those that are skipped (HELM-STAT-06)', async () => {
  await world.publish(demoChart('1.0.0', { 'templates/hook.yaml': hook, 'crds/m.yaml': JSON.stringify(definition) }));
  await cluster.create(demoRelease(namespace, { install: { crds: 'Skip' } }));

  const installed = await world.until(namespace, 'demo', isReadyNow);

  expect(ids(installed)).toEqual([
    `${namespace}_demo-config__ConfigMap`,
    `${namespace}_demo_apps_Deployment`,
    '_medlars.example.com_apiextensions.k8s.io_CustomResourceDefinition',
  ]);
  expect(await cluster.find({ ...definition, name: 'medlars.example.com' })).toBeUndefined();
});

test('a failed action that reached storage writes it, one that did not leaves it (HELM-STAT-06)', async () => {
  await world.publish(demoChart('1.0.0'));
  const values = { nodeSelector: { none: 'true' } };
  await cluster.create(demoRelease(namespace, { timeout: '300ms', values }));
  const failed = await world.until(namespace, 'demo', isStalled);
  expect(ids(failed)).toEqual([`${namespace}_demo-config__ConfigMap`, `${namespace}_demo_apps_Deployment`]);

  await world.publish(demoChart('1.0.1', { 'templates/more.yaml': '{{ fail "not yet" }}' }));
  const refused = await world.until(namespace, 'demo', hasReason('UpgradeFailed'));

  expect(ids(refused)).toEqual(ids(failed));
});

test('an upgrade replaces it', async () => {
  await world.publish(demoChart('1.0.0'));
  await cluster.create(demoRelease(namespace));
  await world.until(namespace, 'demo', isReadyNow);

  await world.publish(demoChart('1.0.2', { 'templates/deployment.yaml': '' }));
  const upgraded = await world.until(
    namespace,
    'demo',
    (object) => isReadyNow(object) && object.status?.history?.[0]?.version === 2,
  );

  expect(ids(upgraded)).toEqual([`${namespace}_demo-config__ConfigMap`]);
  await cluster.delete(releaseRef(namespace));
});

test('kinds that the cluster does not know have no namespace, and that is told (HELM-STAT-06)', async () => {
  const manifest = '---\napiVersion: example.com/v1\nkind: Sorb\nmetadata:\n  name: x\n';
  const release = { manifest, namespace: 'ns' } as Release;
  const chart = { metadata: { name: 'demo', version: '1.0.0', apiVersion: 'v2' }, raw: [], values: {} };

  const found = await inventoryOfRelease(cluster, release, { ...chart, templates: [], files: [], dependencies: [] });

  expect(found.inventory.entries.map(({ id }) => id)).toEqual(['_x_example.com_Sorb']);
  expect(found.problems).toEqual([
    'failed to determine if Sorb is namespace scoped, skipping namespace: no matches for kind "Sorb" in version "example.com/v1"',
  ]);
});
