import type { HelmRelease } from '@flux/api';
import type { Condition, KubeObject } from '@flux/apimachinery';
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
  isStalled,
  releaseRef,
  startHelmWorld,
} from './testing/helm-world.ts';

let world: HelmWorld;
let cluster: Cluster;
let namespace = '';

beforeAll(async () => {
  // a chart that was written a moment ago is given no time to get ready
  world = await startHelmWorld({ startEmbeddedCluster, serveCharts, packChart }, { chartGraceMs: 1 });
  ({ cluster } = world);
  await world.publish(demoChart('1.0.0'));
});

afterAll(() => world?.[Symbol.asyncDispose]());

beforeEach(async () => {
  namespace = await world.namespace();
});

const chart = () => ({
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'HelmChart',
  namespace,
  name: `${namespace}-demo`,
});
const isFailed = (object: KubeObject | undefined) => {
  const conditions: readonly Condition[] = object?.['status']?.conditions ?? [];
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'False');
};
const ask = (requestedAt: string) =>
  cluster.patch(releaseRef(namespace), 'merge', {
    metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': requestedAt } },
  });

test('a source that is not ready is waited for with what it says, without an event (HELM-FLOW-07)', async () => {
  const spec = { chart: 'unknown', sourceRef: { kind: 'HelmRepository', name: 'charts' } };
  await cluster.create(demoRelease(namespace, { chart: { spec } }));
  const unread = await world.until(namespace, 'demo', hasReason('SourceNotReady'));
  // what its controller writes comes before what this test does
  await world.watches.waitFor(chart(), isFailed, AbortSignal.timeout(60_000));
  const lastTransitionTime = '2026-01-01T00:00:00Z';
  const stalled = { type: 'Stalled', status: 'True', reason: 'Bad', message: 'no such chart', lastTransitionTime };
  const status = { observedGeneration: 1, conditions: [stalled] };
  await cluster.patch(chart(), 'merge', { status }, { subresource: 'status' });

  await ask('now');
  const read = await world.until(namespace, 'demo', (object) => object.status?.lastHandledReconcileAt === 'now');

  const prefix = `HelmChart '${namespace}/${namespace}-demo' is not ready: `;
  expect([unread, read].map((object) => conditionOf(object, 'Ready')?.message)).toEqual([
    `${prefix}latest generation of object has not been reconciled`,
    `${prefix}no such chart`,
  ]);
  expect((await world.events(namespace)).join('\n')).not.toContain('SourceNotReady');
});

test('an object that never came to a release goes at once (HELM-DEL-01)', async () => {
  const spec = { chart: 'unknown', sourceRef: { kind: 'HelmRepository', name: 'charts' } };
  await cluster.create(demoRelease(namespace, { chart: { spec } }));
  const waiting = await world.until(namespace, 'demo', hasReason('SourceNotReady'));
  expect(waiting.status?.storageNamespace).toBeUndefined();

  await cluster.delete(releaseRef(namespace));

  await world.watches.waitFor(releaseRef(namespace), (object) => object === undefined, AbortSignal.timeout(60_000));
  expect((await world.events(namespace)).join('\n')).not.toContain('Uninstall');
});

test('a stalled release tells of its failure again once its source is back', async () => {
  const install = { timeout: '300ms', remediation: { remediateLastFailure: true } };
  await cluster.create(demoRelease(namespace, { install, values: { nodeSelector: { none: 'true' } } }));
  const stalled = await world.until(namespace, 'demo', isStalled);
  const { artifact } = (await cluster.get(chart()))['status'];
  const set = (status: object) => cluster.patch(chart(), 'merge', { status }, { subresource: 'status' });

  await set({ artifact: null });
  await ask('lost');
  await world.until(namespace, 'demo', (object) => conditionOf(object, 'Ready')?.reason === 'SourceNotReady');
  await set({ artifact });
  await ask('found');
  const again = await world.until(namespace, 'demo', (object) => object.status?.lastHandledReconcileAt === 'found');

  expect(conditionOf(again, 'Ready')).toMatchObject({ status: 'False', reason: 'InstallFailed' });
  expect(conditionOf(again, 'Ready')?.message).toBe(conditionOf(stalled, 'Ready')?.message);
});

test('a release stays Ready while its chart is built again after a start of source-controller', async () => {
  await cluster.create(demoRelease(namespace));
  await world.until(namespace, 'demo', isReadyNow);
  const lastTransitionTime = new Date().toISOString();
  const message = 'building artifact: disappeared from storage';
  const building = { type: 'Ready', status: 'Unknown', reason: 'Progressing', message, lastTransitionTime };
  const { artifact } = (await cluster.get(chart()))['status'];
  await cluster.patch(
    chart(),
    'merge',
    { status: { artifact: null, conditions: [building] } },
    { subresource: 'status' },
  );
  const heard: unknown[] = [];
  using _ = world.watches.observe(releaseRef(namespace), (object) =>
    heard.push(object && conditionOf(object as HelmRelease, 'Ready')?.status),
  );

  await ask('now');
  const ready = { ...building, status: 'True' };
  await cluster.patch(chart(), 'merge', { status: { artifact, conditions: [ready] } }, { subresource: 'status' });
  await world.until(
    namespace,
    'demo',
    (object) => object.status?.lastHandledReconcileAt === 'now' && isReadyNow(object),
  );

  expect(new Set(heard)).toEqual(new Set(['True']));
});
