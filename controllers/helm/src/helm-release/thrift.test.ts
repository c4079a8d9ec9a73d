import type { HelmRelease } from '@flux/api';
import type { Cluster } from '@flux/client';
import { packChart, serveCharts, startEmbeddedCluster } from '@flux/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
let requests: string[] = [];

beforeAll(async () => {
  world = await startHelmWorld({ startEmbeddedCluster, serveCharts, packChart });
  ({ cluster } = world);
  await world.publish(demoChart('1.0.0'));
  await world.restart({ onRequest: (request) => requests.push(request) });
});
afterAll(() => world?.[Symbol.asyncDispose]());

/** What was asked for the objects of the release; the source stands for another controller. */
const own = () => requests.filter((request) => !/^GET \/|events|helmcharts\/.*(status|finalizers)/.test(request));

async function askFor(namespace: string, requestedAt: string) {
  requests = [];
  const annotations = { 'reconcile.fluxcd.io/requestedAt': requestedAt };
  await cluster.patch(releaseRef(namespace), 'merge', { metadata: { annotations } });
  await world.until(namespace, 'demo', (object) => object.status?.lastHandledReconcileAt === requestedAt);
  return own();
}

test('a release is installed with one write for each thing that there is to write', async () => {
  const namespace = await world.namespace();
  requests = [];
  let shown = 0;
  using _ = world.watches.observe(releaseRef(namespace), (object) => {
    if (object && conditionOf(object as HelmRelease, 'Reconciling')) shown += 1;
  });
  await cluster.create(demoRelease(namespace, { driftDetection: { mode: 'enabled' } }));
  await world.until(namespace, 'demo', isReadyNow);
  const made = own();

  expect(made.filter((request) => request.startsWith('DRY'))).toEqual([]);
  expect(made.filter((request) => request === 'GET secrets')).toHaveLength(1);
  // a step that takes seconds, as on a busy machine, is shown
  expect(made.filter((request) => request.startsWith('PATCH helmreleases/demo'))).toHaveLength(2 + shown);
  expect(made.filter((request) => /configmaps|deployments/.test(request) && !request.startsWith('GET'))).toEqual([
    'PATCH configmaps/demo-config',
    'PATCH deployments/demo',
  ]);
});

test('a release that nobody has touched is only told to have been looked at', async () => {
  const namespace = await world.namespace();
  await cluster.create(demoRelease(namespace, { driftDetection: { mode: 'enabled' } }));
  await world.until(namespace, 'demo', isReadyNow);
  await askFor(namespace, 'compared');

  expect(await askFor(namespace, 'known')).toEqual(['PATCH helmreleases/demo/status']);
});

test('what somebody changed in the cluster is found all the same', async () => {
  const namespace = await world.namespace();
  await cluster.create(demoRelease(namespace, { driftDetection: { mode: 'enabled' } }));
  await world.until(namespace, 'demo', isReadyNow);
  for (const requestedAt of ['compared', 'known']) await askFor(namespace, requestedAt);
  const config = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'demo-config' };
  await cluster.patch(config, 'merge', { data: { message: 'by hand' } });
  const isByHand = async () => (await cluster.get(config))['data'].message === 'by hand';
  const made: string[] = [];
  // the watch of the controller may hear of the request before it hears of the change
  for (let count = 0; await isByHand(); count++) made.push(...(await askFor(namespace, `touched-${count}`)));

  expect(made).toContain('PATCH configmaps/demo-config');
});
