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

const never = { nodeSelector: { none: 'true' } };
const historyOf = (object: Parameters<typeof conditionOf>[0]) =>
  object.status?.history?.map(({ version, status, action }) => `${version} ${status} ${action}`);
const patchSpec = (spec: object) =>
  cluster.patch(releaseRef(namespace), 'merge', {
    spec,
  });

test('a failed install is uninstalled, and Ready goes on telling of its failure (HELM-REL-06, HELM-ACT-04)', async () => {
  const install = { timeout: '300ms', remediation: { remediateLastFailure: true } };
  await cluster.create(demoRelease(namespace, { install, values: never }));

  const stalled = await world.until(namespace, 'demo', isStalled);

  expect(conditionOf(stalled, 'Stalled')).toMatchObject({ reason: 'RetriesExceeded' });
  expect(conditionOf(stalled, 'Ready')).toMatchObject({ status: 'False', reason: 'InstallFailed' });
  expect(conditionOf(stalled, 'Released')).toMatchObject({ status: 'False', reason: 'InstallFailed' });
  expect(conditionOf(stalled, 'Remediated')).toMatchObject({
    status: 'True',
    reason: 'UninstallSucceeded',
    message: `Helm uninstall remediation for release ${namespace}/demo.v1 with chart demo@1.0.0 succeeded`,
  });
  expect(historyOf(stalled)).toEqual(['1 uninstalling uninstall-remediation']);
  expect(stalled.status?.inventory?.entries).toHaveLength(2);
});

test('a remediation that failed after it changed storage counts as finished (HELM-ACT-11)', async () => {
  const held = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: held\n  finalizers: [example.com/held]\n';
  await world.publish(demoChart('1.0.0', { 'templates/held.yaml': held }));
  const install = { timeout: '300ms', remediation: { remediateLastFailure: true } };
  await cluster.create(demoRelease(namespace, { install, uninstall: { timeout: '300ms' }, values: never }));

  const stalled = await world.until(namespace, 'demo', isStalled);

  expect(conditionOf(stalled, 'Stalled')?.message).toContain('Failed to install after 1 attempt(s)');
  expect(conditionOf(stalled, 'Remediated')).toMatchObject({ status: 'False', reason: 'UninstallFailed' });
  expect(conditionOf(stalled, 'Remediated')?.message).toContain(
    `ConfigMap/${namespace}/held termination timeout: context deadline exceeded`,
  );
});

test('an upgrade whose first revision is not good has nothing to go back to (HELM-ACT-05)', async () => {
  const upgrade = { timeout: '300ms', remediation: { retries: 1 } };
  await cluster.create(demoRelease(namespace, { install: { timeout: '300ms' }, upgrade, values: never }));
  await world.until(namespace, 'demo', isStalled);

  await patchSpec({ values: { message: 'still bad' } });

  const stalled = await world.until(
    namespace,
    'demo',
    (object) => conditionOf(object, 'Stalled')?.reason === 'MissingRollbackTarget',
  );
  expect(conditionOf(stalled, 'Stalled')?.message).toContain(
    'Failed to perform remediation: missing target release for rollback: cannot remediate failed release',
  );
});

test('with the retry strategy a failed install is upgraded after the interval, without end (HELM-FLOW-04, HELM-ACT-08)', async () => {
  const strategy = { name: 'RetryOnFailure', retryInterval: '200ms' };
  const options = { timeout: '200ms', strategy };
  await cluster.create(demoRelease(namespace, { install: options, upgrade: options, values: never }));

  const retrying = await world.until(
    namespace,
    'demo',
    (object) =>
      (object.status?.failures ?? 0) >= 3 && conditionOf(object, 'Reconciling')?.reason === 'ProgressingWithRetry',
  );

  expect(historyOf(retrying)?.[0]).toMatch(/failed upgrade$/);
  expect(conditionOf(retrying, 'Reconciling')?.message).toBe('retrying after 200ms');
  expect(conditionOf(retrying, 'Stalled')).toBeUndefined();
  expect(retrying.status?.observedGeneration).toBe(1);
});

test('what a stopping process was doing is in the status, and the next one goes on from there (HELM-ACT-09)', async () => {
  await cluster.create(demoRelease(namespace, { timeout: '10m', values: never }));
  const running = await world.until(namespace, 'demo', (object) =>
    (conditionOf(object, 'Reconciling')?.message ?? '').startsWith("Running 'install'"),
  );
  await world.watches.waitFor(
    { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'demo' },
    (object) => object !== undefined,
    AbortSignal.timeout(60_000),
  );

  await world.restart();

  // a release that is not in the history would not be known as ours
  const upgrading = await world.until(namespace, 'demo', (object) =>
    (conditionOf(object, 'Reconciling')?.message ?? '').startsWith("Running 'upgrade'"),
  );
  expect([historyOf(running), historyOf(upgrading)]).toEqual([undefined, ['1 failed install']]);
  await patchSpec({ values: { nodeSelector: null } });
  await world.until(namespace, 'demo', isReadyNow);
});

test('an action is announced with its timeout before it starts (HELM-ACT-02)', async () => {
  await cluster.create(demoRelease(namespace, { install: { timeout: '90s' }, values: never }));

  const running = await world.until(namespace, 'demo', (object) =>
    (conditionOf(object, 'Reconciling')?.message ?? '').startsWith('Running'),
  );

  const announced = { reason: 'Progressing', message: "Running 'install' action with timeout of 1m30s" };
  expect(conditionOf(running, 'Reconciling')).toMatchObject({ status: 'True', ...announced });
  expect(conditionOf(running, 'Ready')).toMatchObject({ status: 'Unknown', ...announced });
});
