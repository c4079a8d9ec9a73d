import type { Cluster } from '@flux/client';
import { packChart, serveCharts, startEmbeddedCluster } from '@flux/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  conditionOf,
  demoChart,
  demoRelease,
  type HelmWorld,
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
  await world.publish(demoChart('1.0.0'));
});

const patchSpec = (spec: object, name = 'demo') => cluster.patch(releaseRef(namespace, name), 'merge', { spec });

const getConfig = () => cluster.find({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'demo-config' });

test('a release is installed, upgraded with new values and uninstalled with its object (HELM-REL-08, HELM-STAT-06, HELM-DEL-01)', async () => {
  await cluster.create(demoRelease(namespace, { values: { message: 'one' } }));
  const installed = await world.until(namespace, 'demo', isReadyNow);

  expect(conditionOf(installed, 'Ready')?.message).toBe(
    `Helm install succeeded for release ${namespace}/demo.v1 with chart demo@1.0.0`,
  );
  expect(installed.status?.history?.map(({ version, status, action }) => [version, status, action])).toEqual([
    [1, 'deployed', 'install'],
  ]);
  expect(installed.status?.inventory?.entries.map(({ id }) => id)).toEqual([
    `${namespace}_demo-config__ConfigMap`,
    `${namespace}_demo_apps_Deployment`,
  ]);

  await patchSpec({ values: { message: 'two' } });
  const upgraded = await world.until(
    namespace,
    'demo',
    (object) => isReadyNow(object) && object.status?.history?.[0]?.version === 2,
  );
  expect((await getConfig())?.['data']).toEqual({ message: 'two' });
  expect(upgraded.status?.history?.map(({ version, status, action }) => [version, status, action])).toEqual([
    [2, 'deployed', 'upgrade'],
    [1, 'superseded', undefined],
  ]);

  const ref = releaseRef(namespace);
  await cluster.delete(ref);
  await world.watches.waitFor(ref, (object) => object === undefined, AbortSignal.timeout(60_000));
  expect(await getConfig()).toBeUndefined();
  expect(await world.events(namespace)).toContain(
    `Normal UninstallSucceeded Helm uninstall succeeded for release ${namespace}/demo.v2 with chart demo@1.0.0`,
  );
});

test('a failed install stalls and names the way out (HELM-ACT-01, HELM-REL-08)', async () => {
  await cluster.create(demoRelease(namespace, { timeout: '2s', values: { nodeSelector: { none: 'true' } } }));

  const stalled = await world.until(namespace, 'demo', isStalled);

  expect(conditionOf(stalled, 'Stalled')?.message).toContain('Failed to install after 1 attempt(s)\nWay out: ');
  expect(conditionOf(stalled, 'Ready')?.message).toContain(
    `Helm install failed for release ${namespace}/demo with chart demo@1.0.0: timeout waiting for: [Deployment/${namespace}/demo status: 'InProgress']`,
  );
  expect(conditionOf(stalled, 'Ready')?.message).toContain(`\nWhy: Pod/${namespace}/demo-`);
  expect(stalled.status).toMatchObject({ failures: 1, installFailures: 1, observedGeneration: 1 });
});

test('a fixed spec brings a stalled release back', async () => {
  await cluster.create(demoRelease(namespace, { timeout: '1s', values: { nodeSelector: { none: 'true' } } }));
  await world.until(namespace, 'demo', isStalled);

  await patchSpec({ timeout: '60s', values: { nodeSelector: null } });

  const fixed = await world.until(namespace, 'demo', isReadyNow);
  expect(conditionOf(fixed, 'Released')?.reason).toBe('UpgradeSucceeded');
});

test('a failed upgrade with retries is rolled back to the last good revision (HELM-REL-04, HELM-ACT-04)', async () => {
  const upgrade = { timeout: '1s', remediation: { retries: 1 } };
  await cluster.create(demoRelease(namespace, { upgrade }));
  await world.until(namespace, 'demo', isReadyNow);

  await patchSpec({ values: { nodeSelector: { none: 'true' } } });

  const stalled = await world.until(namespace, 'demo', isStalled);
  expect(conditionOf(stalled, 'Stalled')?.message).toContain('Failed to upgrade after 2 attempt(s)');
  expect(conditionOf(stalled, 'Remediated')?.message).toBe(
    `Helm rollback to previous release ${namespace}/demo.v3 with chart demo@1.0.0 succeeded`,
  );
});

test('a template error is told with its place and does not use up retries (HELM-ACT-06, HELM-ACT-07)', async () => {
  await world.publish(demoChart('1.0.0', { 'templates/x.yaml': '{{ fail "boom was set" }}' }));
  await cluster.create(demoRelease(namespace));

  const failed = await world.until(namespace, 'demo', (object) => (object.status?.failures ?? 0) > 0);

  expect(conditionOf(failed, 'Ready')?.message).toContain(
    'execution error at (demo/templates/x.yaml:1:3): boom was set',
  );
  expect(failed.status?.installFailures).toBeUndefined();
});

test('a change in the cluster is corrected when drift detection is enabled (HELM-DRIFT-05)', async () => {
  await cluster.create(demoRelease(namespace, { driftDetection: { mode: 'enabled' } }));
  await world.until(namespace, 'demo', isReadyNow);
  await cluster.delete({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'demo-config' });

  const annotations = { 'reconcile.fluxcd.io/requestedAt': 'now' };
  const ref = releaseRef(namespace);
  await cluster.patch(ref, 'merge', { metadata: { annotations } });
  await world.until(
    namespace,
    'demo',
    (object) => object.status?.lastHandledReconcileAt === 'now' && isReadyNow(object),
  );

  expect(await getConfig()).toBeDefined();
  expect(await world.events(namespace)).toContain(
    `Normal DriftCorrected Cluster state of release ${namespace}/demo.v1 has been corrected:\nConfigMap/${namespace}/demo-config created`,
  );
});

test('a newer spec ends a wait that cannot succeed (HELM-ACT-10)', async () => {
  await cluster.create(demoRelease(namespace, { timeout: '10m', values: { nodeSelector: { none: 'true' } } }));
  await world.until(namespace, 'demo', (object) =>
    (conditionOf(object, 'Reconciling')?.message ?? '').startsWith("Running 'install'"),
  );
  await world.watches.waitFor(
    { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'demo' },
    (object) => object !== undefined,
    AbortSignal.timeout(60_000),
  );

  await patchSpec({ values: { nodeSelector: null } });

  const ready = await world.until(namespace, 'demo', isReadyNow);
  expect(ready.status?.failures).toBeUndefined();
});

test('a release that a killed process left pending is taken up again', async () => {
  await cluster.create(demoRelease(namespace));
  await world.until(namespace, 'demo', isReadyNow);
  const ref = { apiVersion: 'v1', kind: 'Secret', namespace, name: 'sh.helm.release.v1.demo.v1' };
  const { decodeRelease, encodeRelease } = await import('@flux/helm');
  const secret = await cluster.get(ref);
  const stored = await decodeRelease(Buffer.from(secret['data'].release, 'base64').toString('latin1'));
  const pending = { ...stored, info: { ...stored.info, status: 'pending-upgrade' as const } };
  const release = Buffer.from(await encodeRelease(pending)).toString('base64');
  await cluster.patch(ref, 'merge', { data: { release }, metadata: { labels: { status: 'pending-upgrade' } } });

  await patchSpec({ values: { message: 'again' } });

  await world.until(namespace, 'demo', (object) => isReadyNow(object) && object.metadata.generation === 2);
  expect((await getConfig())?.['data']).toEqual({ message: 'again' });
  expect((await world.events(namespace)).join('\n')).toContain('Unlocked Helm release');
});
