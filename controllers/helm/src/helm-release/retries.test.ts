import type { Cluster } from '@flux/client';
import { packChart, serveCharts, startEmbeddedCluster } from '@flux/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  conditionOf,
  demoChart,
  demoRelease,
  type HelmWorld,
  isReadyNow,
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
  await world.publish(demoChart('1.0.0'));
});

const failing = '{{ if .Values.broken }}{{ fail "boom" }}{{ end }}';
const failures = (least: number) => (object: Parameters<typeof conditionOf>[0]) =>
  (object.status?.failures ?? 0) >= least;

test('an upgrade that does not reach storage is tried again and again, and changes nothing else (HELM-ACT-07)', async () => {
  await world.publish(demoChart('1.0.0', { 'templates/x.yaml': failing }));
  await cluster.create(demoRelease(namespace));
  const installed = await world.until(namespace, 'demo', isReadyNow);

  await cluster.patch(releaseRef(namespace), 'merge', { spec: { values: { broken: true } } });

  const failed = await world.until(namespace, 'demo', failures(3));
  const { history, inventory, observedGeneration } = installed.status ?? {};
  expect(failed.status).toMatchObject({ history, inventory, observedGeneration });
  expect(failed.status?.upgradeFailures).toBeUndefined();
  expect(conditionOf(failed, 'Ready')).toMatchObject({ status: 'False', reason: 'UpgradeFailed' });
  const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Event' }, { namespace });
  const told = items.filter(({ reason }) => reason === 'UpgradeFailed').map(({ count }) => Number(count));
  expect(told.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(2);
});

test('with the retry strategy it is tried after the interval (HELM-ACT-07)', async () => {
  await world.publish(demoChart('1.0.0', { 'templates/x.yaml': failing }));
  const install = { strategy: { name: 'RetryOnFailure', retryInterval: '1h' } };
  await cluster.create(demoRelease(namespace, { install, values: { broken: true } }));

  const failed = await world.until(namespace, 'demo', (object) => {
    return conditionOf(object, 'Reconciling')?.reason === 'ProgressingWithRetry';
  });

  expect(conditionOf(failed, 'Reconciling')?.message).toBe('retrying after 1h0m0s');
  expect(failed.status).toMatchObject({ failures: 1, observedGeneration: 1 });
  expect(failed.status?.installFailures).toBeUndefined();
});

test('a test that leaves no result is tried again, too (HELM-ACT-07)', async () => {
  const annotations = { 'helm.sh/hook': 'test' };
  const probe = JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Loquat', metadata: { name: 'p', annotations } });
  await world.publish(demoChart('1.0.0', { 'templates/probe.yaml': probe }));
  await cluster.create(demoRelease(namespace, { test: { enable: true } }));

  const failed = await world.until(namespace, 'demo', failures(2));

  expect(conditionOf(failed, 'Ready')).toMatchObject({ status: 'False', reason: 'TestFailed' });
  expect(conditionOf(failed, 'Ready')?.message).toContain('unable to build kubernetes object for deleting hook demo');
  expect(failed.status?.installFailures).toBeUndefined();
});
