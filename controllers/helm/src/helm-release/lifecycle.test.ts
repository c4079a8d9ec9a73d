import type { HelmRelease } from '@flux/api';
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
  world = await startHelmWorld({ startEmbeddedCluster, serveCharts, packChart });
  ({ cluster } = world);
});

afterAll(() => world?.[Symbol.asyncDispose]());

beforeEach(async () => {
  namespace = await world.namespace();
  await world.publish(demoChart('1.0.0'));
});

const refOf = (kind: string, name: string) => ({ apiVersion: 'v1', kind, namespace, name });
const own = () => releaseRef(namespace);
const chart = () => ({
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'HelmChart',
  namespace,
  name: `${namespace}-demo`,
});
const isGone = () => world.watches.waitFor(own(), (object) => object === undefined, AbortSignal.timeout(60_000));
const managersOf = (object: KubeObject | undefined) =>
  object?.metadata.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`);

async function installDemo(spec: Record<string, unknown> = {}): Promise<HelmRelease> {
  await cluster.create(demoRelease(namespace, spec));
  return await world.until(namespace, 'demo', isReadyNow);
}

test('a HelmChart is made of the template, told of, and gone with the release (HELM-CHART-01, HELM-CHART-02, HELM-CHART-03)', async () => {
  const template = { chart: 'demo', sourceRef: { kind: 'HelmRepository', name: 'charts' }, interval: '60s' };
  const metadata = { labels: { team: 'x' }, annotations: { note: 'y' } };
  const installed = await installDemo({ chart: { metadata, spec: { ...template, valuesFiles: ['values.yaml'] } } });

  const made = await cluster.get(chart());
  expect(installed.status?.helmChart).toBe(`${namespace}/${namespace}-demo`);
  expect(made.metadata).toMatchObject({
    labels: { team: 'x', 'helm.toolkit.fluxcd.io/name': 'demo', 'helm.toolkit.fluxcd.io/namespace': namespace },
    annotations: { note: 'y' },
  });
  expect(made.metadata).not.toHaveProperty('ownerReferences');
  expect(made['spec']).toMatchObject({
    ...template,
    version: '*',
    interval: '1m0s',
    reconcileStrategy: 'ChartVersion',
    valuesFiles: ['values.yaml'],
  });
  const name = `HelmChart/${namespace}/${namespace}-demo`;
  expect(await world.events(namespace)).toContain(
    `Normal HelmChartCreated Created ${name} with SourceRef 'HelmRepository/${namespace}/charts'`,
  );

  await cluster.delete(own());
  await isGone();
  expect(await cluster.find(chart())).toBeUndefined();
  expect(await world.events(namespace)).toContain(
    `Normal HelmChartDeleted deleted HelmChart '${namespace}/${namespace}-demo'`,
  );
});

test('a suspended release that is deleted leaves everything where it is (HELM-DEL-02)', async () => {
  await installDemo();
  await cluster.patch(own(), 'merge', { spec: { suspend: true } });

  await cluster.delete(own());
  await isGone();

  expect(await cluster.find(refOf('ConfigMap', 'demo-config'))).toBeDefined();
  expect(await cluster.find(refOf('Secret', 'sh.helm.release.v1.demo.v1'))).toBeDefined();
  expect(await cluster.find(chart())).toBeDefined();
});

test('an uninstall that fails is tried again until its storage is deleted by hand (HELM-DEL-01, HELM-DEL-03, HELM-REL-05)', async () => {
  const metadata = { name: 'bad', annotations: { 'helm.sh/hook': 'pre-delete' } };
  const hook = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, unknown: 1 });
  await world.publish(demoChart('1.0.0', { 'templates/hook.yaml': hook }));
  await installDemo();
  await cluster.delete(own());
  const stuck = await world.until(namespace, 'demo', hasReason('UninstallFailed'));
  expect(conditionOf(stuck, 'Ready')?.message).toContain(
    `Helm uninstall failed for release ${namespace}/demo.v1 with chart demo@1.0.0: `,
  );

  await cluster.delete(refOf('Secret', 'sh.helm.release.v1.demo.v1'));
  await isGone();

  expect(await cluster.find(refOf('ConfigMap', 'demo-config'))).toBeDefined();
  expect((await world.events(namespace)).join('\n')).not.toContain('UninstallSucceeded');
});

test('objects and HelmChart are applied, storage and status updated, all by helm-controller (HELM-CTRL-08)', async () => {
  await installDemo();

  expect(managersOf(await cluster.get(chart()))).toContain('helm-controller Apply');
  expect(managersOf(await cluster.get(refOf('ConfigMap', 'demo-config')))).toEqual(['helm-controller Apply']);
  expect(managersOf(await cluster.get(refOf('Secret', 'sh.helm.release.v1.demo.v1')))).toEqual([
    'helm-controller Update',
  ]);
  expect(managersOf(await cluster.get(own()))).toContain('helm-controller Update');
});

test('an install is told of once, and a pass without work not at all (HELM-CTRL-02)', async () => {
  const told = async () => {
    const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Event' }, { namespace });
    const ours = items.filter((event) => event['involvedObject'].kind === 'HelmRelease');
    return ours.map((event) => `${event['type']} ${event['reason']} ${event['count']}`).toSorted();
  };
  await installDemo();

  await cluster.patch(own(), 'merge', { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } } });
  await world.until(
    namespace,
    'demo',
    (object) => object.status?.lastHandledReconcileAt === 'now' && isReadyNow(object),
  );

  expect(await told()).toEqual(['Normal HelmChartCreated 1', 'Normal InstallSucceeded 1']);
});

test('the CRDs of a chart are applied whatever skipCRDs says, and are in the inventory (HELM-REL-10, HELM-STAT-06)', async () => {
  const schema = { openAPIV3Schema: { type: 'object' } };
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'quinces.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind: 'Quince', plural: 'quinces', singular: 'quince', listKind: 'QuinceList' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
  await world.publish(demoChart('1.0.0', { 'crds/quince.yaml': JSON.stringify(definition) }));

  const installed = await installDemo({ install: { skipCRDs: true } });

  expect(await cluster.find({ ...definition, name: 'quinces.example.com' })).toBeDefined();
  expect(installed.status?.inventory?.entries.map(({ id }) => id)).toEqual([
    `${namespace}_demo-config__ConfigMap`,
    `${namespace}_demo_apps_Deployment`,
    '_quinces.example.com_apiextensions.k8s.io_CustomResourceDefinition',
  ]);
});

test('a health expression that does not compile is terminal before anything is done (HELM-FLOW-01)', async () => {
  const healthCheckExprs = [{ apiVersion: 'example.com/v1', kind: 'Quince', current: 'status.' }];
  await cluster.create(demoRelease(namespace, { healthCheckExprs }));

  const stalled = await world.until(namespace, 'demo', hasReason('InvalidCELExpression'));

  const prefix = 'Reconciliation failed terminally due to configuration error: ';
  const message = conditionOf(stalled, 'Ready')?.message ?? '';
  expect(conditionOf(stalled, 'Stalled')?.status).toBe('True');
  expect(message.startsWith(prefix)).toBe(true);
  expect(await world.events(namespace)).toContain(`Warning InvalidCELExpression ${message.slice(prefix.length)}`);
  expect(await cluster.find(chart())).toBeUndefined();
});

test('a source that cannot be read or must not be used is told (HELM-FLOW-06)', async () => {
  const of = (kind: string) => ({ chart: undefined, chartRef: { kind, name: 'gone' } });
  await cluster.create(demoRelease(namespace, of('HelmChart'), 'missing'));
  await cluster.create(demoRelease(namespace, of('ExternalArtifact'), 'gated'));

  const missing = await world.until(namespace, 'missing', hasReason('ArtifactFailed'));
  const gated = await world.until(namespace, 'gated', hasReason('AccessDenied'));

  expect(conditionOf(missing, 'Ready')?.message).toMatch(
    /^could not get Source object: helmcharts.* "gone" not found$/,
  );
  expect(conditionOf(gated, 'Stalled')?.message).toBe(
    `can't access 'ExternalArtifact/${namespace}/gone', ExternalArtifact feature gate is disabled`,
  );
});

test('retry intervals without a retry strategy and charts from two places are refused (HELM-API-02, HELM-API-06)', async () => {
  const refused = (spec: Record<string, unknown>) =>
    expect(cluster.create(demoRelease(namespace, spec, 'refused'))).rejects;

  await refused({ chartRef: { kind: 'HelmChart', name: 'x' } }).toThrow('either chart or chartRef must be set');
  await refused({ install: { strategy: { name: 'RemediateOnFailure', retryInterval: '1m' } } }).toThrow(
    ".retryInterval cannot be set when .name is 'RemediateOnFailure'",
  );
  await refused({ upgrade: { strategy: { name: 'RemediateOnFailure', retryInterval: '1m' } } }).toThrow(
    ".retryInterval can only be set when .name is 'RetryOnFailure'",
  );
});
