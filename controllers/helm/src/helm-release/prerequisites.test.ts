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
  const gates = { allowsObjectIdentity: true, allowsDnsLookups: true };
  world = await startHelmWorld({ startEmbeddedCluster, serveCharts, packChart }, gates);
  ({ cluster } = world);
  await world.publish(demoChart('1.0.0'));
});

afterAll(() => world?.[Symbol.asyncDispose]());

beforeEach(async () => {
  namespace = await world.namespace();
});

test('a release waits for its dependency and goes on when that becomes ready (HELM-FLOW-05)', async () => {
  await cluster.create(demoRelease(namespace, { dependsOn: [{ name: 'first' }] }, 'second'));
  const waiting = await world.until(namespace, 'second', hasReason('DependencyNotReady'));
  expect(conditionOf(waiting, 'Ready')?.message).toContain(`unable to get '${namespace}/first' dependency: `);

  await cluster.create(demoRelease(namespace, {}, 'first'));

  await world.until(namespace, 'second', isReadyNow);
});

test('an expression decides whether a dependency is ready', async () => {
  const readyExpr = "dep.spec.values.message == 'go'";
  await cluster.create(demoRelease(namespace, { values: { message: 'stay' } }, 'first'));
  await cluster.create(demoRelease(namespace, { dependsOn: [{ name: 'first', readyExpr }] }, 'second'));
  const waiting = await world.until(namespace, 'second', hasReason('DependencyNotReady'));
  expect(conditionOf(waiting, 'Ready')?.message).toBe(
    `dependency '${namespace}/first' is not ready according to readyExpr eval`,
  );

  const ref = releaseRef(namespace, 'first');
  await cluster.patch(ref, 'merge', { spec: { values: { message: 'go' } } });

  await world.until(namespace, 'second', isReadyNow);
});

test('an expression that does not compile is terminal', async () => {
  await cluster.create(demoRelease(namespace, {}, 'first'));
  await cluster.create(demoRelease(namespace, { dependsOn: [{ name: 'first', readyExpr: 'dep.' }] }, 'second'));

  const stalled = await world.until(namespace, 'second', hasReason('InvalidCELExpression'));

  expect(conditionOf(stalled, 'Stalled')?.status).toBe('True');
});

test('a change of a labelled ConfigMap is released at once (HELM-FLOW-15)', async () => {
  const labels = { 'reconcile.fluxcd.io/watch': 'Enabled' };
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'values' };
  const data = (message: string) => ({ 'values.yaml': `message: ${message}\n` });
  await cluster.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'values', namespace, labels },
    data: data('one'),
  });
  await cluster.create(demoRelease(namespace, { valuesFrom: [{ kind: 'ConfigMap', name: 'values' }] }));
  await world.until(namespace, 'demo', isReadyNow);

  await cluster.patch(ref, 'merge', { data: data('two') });

  await world.until(namespace, 'demo', (object) => isReadyNow(object) && object.status?.history?.[0]?.version === 2);
});

test('a release goes to the cluster of a kubeconfig in a Secret (HELM-CTRL-03)', async () => {
  const value = Buffer.from(world.kubeconfig).toString('base64');
  await cluster.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'remote', namespace }, data: { value } });

  await cluster.create(demoRelease(namespace, { kubeConfig: { secretRef: { name: 'remote' } } }));

  await world.until(namespace, 'demo', isReadyNow);
});

test('a kubeconfig that is not there is told (HELM-FLOW-10)', async () => {
  await cluster.create(demoRelease(namespace, { kubeConfig: { secretRef: { name: 'gone' } } }));

  const failed = await world.until(namespace, 'demo', hasReason('RESTClientError'));

  expect(conditionOf(failed, 'Ready')?.message).toBe(
    `could not get KubeConfig secret '${namespace}/gone': secrets "gone" not found`,
  );
});

test('a release goes to the cluster that a ConfigMap describes, with tokens of its account (KUS-AUTH-04)', async () => {
  const { address, authority } = world.endpoint;
  await cluster.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'remote', namespace },
    data: {
      provider: 'generic',
      address,
      'ca.crt': authority,
      audiences: 'https://kubernetes.default.svc',
      serviceAccountName: 'deployer',
    },
  });
  await cluster.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'deployer', namespace } });
  await cluster.create({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace }],
  } as KubeObject);

  await cluster.create(demoRelease(namespace, { kubeConfig: { configMapRef: { name: 'remote' } } }));

  await world.until(namespace, 'demo', isReadyNow);

  // Without the account nothing can be uninstalled any more, and the object may go (HELM-DEL-01).
  await cluster.delete({ apiVersion: 'v1', kind: 'ServiceAccount', namespace, name: 'deployer' });
  await cluster.delete(releaseRef(namespace));
  await world.watches.waitFor(releaseRef(namespace), (object) => object === undefined, AbortSignal.timeout(60_000));
  expect(await cluster.find({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'demo-config' })).toBeDefined();
});

test('a ConfigMap of another cluster that is not there is told', async () => {
  await cluster.create(demoRelease(namespace, { kubeConfig: { configMapRef: { name: 'gone' } } }));

  const failed = await world.until(namespace, 'demo', hasReason('RESTClientError'));

  expect(conditionOf(failed, 'Ready')?.message).toBe(
    `failed to get configmap ${namespace}/gone: configmaps "gone" not found`,
  );
});

test('templates find hosts when the gate AllowDNSLookups is on (HELM-REL-01)', async () => {
  const config = `apiVersion: v1
kind: ConfigMap
metadata: {name: host}
data: {address: {{ getHostByName "127.0.0.1" | quote }}}
`;
  await world.publish({
    'Chart.yaml': 'apiVersion: v2\nname: host\nversion: 1.0.0\n',
    'templates/config.yaml': config,
  });
  const chart = { spec: { chart: 'host', sourceRef: { kind: 'HelmRepository', name: 'charts' } } };
  await cluster.create(demoRelease(namespace, { chart }, 'host'));

  await world.until(namespace, 'host', isReadyNow);

  const found = await cluster.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'host' });
  expect(found['data']).toEqual({ address: '127.0.0.1' });
});

test('a release that gets another name is installed anew, and the old one goes (HELM-FLOW-11)', async () => {
  await cluster.create(demoRelease(namespace));
  await world.until(namespace, 'demo', isReadyNow);
  const ref = releaseRef(namespace);

  await cluster.patch(ref, 'merge', { spec: { releaseName: 'other' } });

  await world.until(namespace, 'demo', (object) => isReadyNow(object) && object.status?.history?.[0]?.name === 'other');
  const find = (name: string) => cluster.find({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name });
  expect(await find('demo-config')).toBeUndefined();
  expect(await find('other-config')).toBeDefined();
});
