import type { HelmRelease } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { decodeRelease, encodeRelease } from '@flux/helm';
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
  await world.publish(demoChart('1.0.0'));
});

afterAll(() => world?.[Symbol.asyncDispose]());

beforeEach(async () => {
  namespace = await world.namespace();
});

const refOf = (kind: string, name: string) => ({ apiVersion: 'v1', kind, namespace, name });
const stored = (version: number) => refOf('Secret', `sh.helm.release.v1.demo.v${version}`);
const isGone = () =>
  world.watches.waitFor(releaseRef(namespace), (object) => object === undefined, AbortSignal.timeout(60_000));
const hasConfig = async () => (await cluster.find(refOf('ConfigMap', 'demo-config'))) !== undefined;

async function installDemo(spec: Record<string, unknown> = {}): Promise<HelmRelease> {
  await cluster.create(demoRelease(namespace, spec));
  return await world.until(namespace, 'demo', isReadyNow);
}

/** Gives the release another name, and waits for what is told of the one before. */
async function rename(message: string): Promise<HelmRelease> {
  const told = world.until(namespace, 'demo', (object) => conditionOf(object, 'Released')?.message === message);
  await cluster.patch(releaseRef(namespace), 'merge', { spec: { releaseName: 'other' } });
  return await told;
}

async function changeStored(change: (release: Awaited<ReturnType<typeof decodeRelease>>) => void, to = 1) {
  const secret = await cluster.get(stored(1));
  const release = await decodeRelease(Buffer.from(secret['data'].release, 'base64').toString('latin1'));
  change(release);
  const labels = { ...secret.metadata.labels, status: release.info.status, version: String(release.version) };
  const data = { release: Buffer.from(await encodeRelease(release)).toString('base64') };
  if (to === 1) return cluster.patch(stored(1), 'merge', { data, metadata: { labels } });
  return cluster.create({ ...secret, data, metadata: { name: stored(to).name, namespace, labels } } as KubeObject);
}

test('a release whose storage was emptied by hand counts as uninstalled, without an event (HELM-REL-05, HELM-STAT-06)', async () => {
  await installDemo();
  await cluster.delete(stored(1));

  const moved = await rename(`Release ${namespace}/demo.v1 was not found, assuming it is uninstalled`);

  expect(conditionOf(moved, 'Released')).toMatchObject({ status: 'False', reason: 'UninstallSucceeded' });
  expect(moved.status?.inventory).toBeUndefined();
  await world.until(namespace, 'demo', isReadyNow);
  expect((await world.events(namespace)).join('\n')).not.toContain('UninstallSucceeded');
});

test('a release that is uninstalled but kept in storage is done (HELM-REL-05)', async () => {
  await installDemo({ uninstall: { keepHistory: true } });
  await changeStored((release) => {
    release.info = { ...release.info, status: 'uninstalled' };
  });

  await rename(`Release ${namespace}/demo.v1 was already uninstalled`);

  await world.until(namespace, 'demo', isReadyNow);
  expect((await world.events(namespace)).join('\n')).not.toContain('UninstallSucceeded');
});

test('an uninstall of another revision than the recorded one is told (HELM-REL-05)', async () => {
  await installDemo();
  await changeStored((release) => {
    release.version = 2;
  }, 2);
  const told = world.until(namespace, 'demo', hasReason('UninstallFailed'));

  await cluster.delete(releaseRef(namespace));

  const failed = await told;
  expect(conditionOf(failed, 'Ready')?.message).toBe(
    `Helm uninstall failed for release ${namespace}/demo.v1 with chart demo@1.0.0: release mismatch: uninstalled release ${namespace}/demo.v2 != current release ${namespace}/demo.v1`,
  );
  await isGone();
});

test('without its kubeconfig or its account a release is left where it is (HELM-DEL-01)', async () => {
  const value = Buffer.from(world.kubeconfig).toString('base64');
  await cluster.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'remote', namespace }, data: { value } });
  await installDemo({ kubeConfig: { secretRef: { name: 'remote' } } });
  await cluster.delete(refOf('Secret', 'remote'));
  await cluster.delete(releaseRef(namespace));
  await isGone();
  expect(await hasConfig()).toBe(true);

  namespace = await world.namespace();
  await grantAll('deployer');
  await installDemo({ serviceAccountName: 'deployer' });
  await cluster.delete(refOf('ServiceAccount', 'deployer'));
  await cluster.delete(releaseRef(namespace));
  await isGone();
  expect(await hasConfig()).toBe(true);
});

test('a kubeconfig that cannot be used holds the object, which goes once it can (HELM-DEL-01)', async () => {
  const value = Buffer.from(world.kubeconfig).toString('base64');
  await cluster.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'remote', namespace }, data: { value } });
  await installDemo({ kubeConfig: { secretRef: { name: 'remote' } } });
  await cluster.patch(refOf('Secret', 'remote'), 'merge', { data: { value: '', 'value.yaml': null } });
  await cluster.delete(releaseRef(namespace));

  const held = await world.until(namespace, 'demo', hasReason('UninstallFailed'));
  expect(conditionOf(held, 'Ready')?.message).toBe(
    `failed to build REST client getter to uninstall release: KubeConfig secret '${namespace}/remote' does not contain a 'value' or 'value.yaml' key with data`,
  );

  await cluster.patch(refOf('Secret', 'remote'), 'merge', { data: { value } });
  await isGone();
  expect(await hasConfig()).toBe(false);
});

async function grantAll(name: string): Promise<void> {
  await cluster.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } });
  await cluster.create({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  } as KubeObject);
}
