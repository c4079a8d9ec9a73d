import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HelmRelease } from '@flux/api';
import type { Condition, KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { decodeRelease, type Release } from '@flux/helm';
import { packChart, serveCharts, startEmbeddedCluster } from '@flux/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { snapshotOf, verifySnapshot } from './status/snapshot.ts';
import { specDigestsOf } from './status/spec-digests.ts';
import { demoChart, type HelmWorld, releaseRef, startHelmWorld } from './testing/helm-world.ts';

/** What helm-controller v1.6.2 left of a dozen releases; recorded by `takeover.e2e.test.ts` of apps/manager. */
const recording = join(import.meta.dirname, '..', '..', 'testdata', 'left-by-flux.json');
const namespace = 'takeover';

let left: KubeObject[];
let releases: HelmRelease[];
let world: HelmWorld;
let cluster: Cluster;
let before: Record<string, unknown>;

beforeAll(async () => {
  left = JSON.parse(await readFile(recording, 'utf8')) as KubeObject[];
  releases = left.filter(({ kind }) => kind === 'HelmRelease') as HelmRelease[];
  const startFilled = async () => {
    const started = await startEmbeddedCluster();
    await fill(started.cluster);
    return started;
  };
  world = await startHelmWorld({ startEmbeddedCluster: startFilled, serveCharts, packChart });
  ({ cluster } = world);
  await world.publish(demoChart('1.0.0'));
});

afterAll(() => world?.[Symbol.asyncDispose]());

/** As Flux left it, before our controller starts. */
async function fill(into: Cluster): Promise<void> {
  await into.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  for (const object of left) {
    if (object.kind === 'HelmRelease') await createAtGeneration(into, object as HelmRelease);
    else await into.apply(object, { fieldManager: 'helm-controller', force: true });
  }
  before = await written(into);
}

/** Generations count changes, so there have to be as many. */
async function createAtGeneration(into: Cluster, { metadata, spec, status, ...rest }: HelmRelease): Promise<void> {
  const { generation = 1, name } = metadata;
  const ref = releaseRef(namespace, name);
  await into.create({
    ...rest,
    metadata: { name, namespace },
    spec: generation > 1 ? { ...spec, maxHistory: 1 } : spec,
  });
  for (let next = 2; next < generation; next++) await into.patch(ref, 'merge', { spec: { maxHistory: next } });
  if (generation > 1) await into.patch(ref, 'merge', { spec: { ...spec, maxHistory: spec.maxHistory ?? null } });
  await into.patch(ref, 'merge', { status }, { subresource: 'status' });
}

/** What a release would write: an upgrade changes the one or the other. */
async function written(of: Cluster): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const kind of ['Secret', 'ConfigMap', 'Deployment']) {
    const apiVersion = kind === 'Deployment' ? 'apps/v1' : 'v1';
    for (const { metadata } of (await of.list({ apiVersion, kind }, { namespace })).items) {
      // the status of a Deployment goes on to change
      const { uid, generation, resourceVersion } = metadata;
      found[`${kind}/${metadata.name}`] = { uid, generation, ...(kind === 'Deployment' ? {} : { resourceVersion }) };
    }
  }
  return found;
}

/** Ours name the way out of Stalled on a line of its own. */
function shown({ type, status, reason, message }: Condition): string {
  return `${type} ${status} ${reason} ${message.split('\nWay out: ')[0]}`;
}

async function storedReleases(): Promise<Map<string, Release>> {
  const found = new Map<string, Release>();
  for (const secret of left.filter(({ type }) => type === 'helm.sh/release.v1')) {
    const release = await decodeRelease(Buffer.from(secret['data'].release, 'base64').toString('latin1'));
    found.set(`${release.name}.v${release.version}`, release);
  }
  return found;
}

test('snapshots that Flux took of its Secrets are ours, digest by digest (HELM-STAT-01, HELM-STAT-03)', async () => {
  const stored = await storedReleases();
  let compared = 0;
  for (const { status } of releases) {
    for (const { action, ...snapshot } of status?.history ?? []) {
      const release = stored.get(`${snapshot.name}.v${snapshot.version}`);
      if (!release) continue; // uninstalled
      const { testHooks, ...taken } = snapshot;
      expect(await snapshotOf(release, { algorithm: 'sha256', ociDigest: undefined })).toMatchObject(taken);
      expect(await verifySnapshot(snapshot, release)).toBe('same');
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(12);
});

test('digests that Flux made of specs are ours (HELM-POST-04)', async () => {
  const digests = async (object: HelmRelease) => await specDigestsOf(object, 'sha256');
  for (const object of releases) {
    const { observedPostRenderersDigest, observedCommonMetadataDigest } = object.status ?? {};
    expect(await digests(object)).toEqual({
      ...(observedPostRenderersDigest ? { postRenderers: observedPostRenderersDigest } : {}),
      ...(observedCommonMetadataDigest ? { commonMetadata: observedCommonMetadataDigest } : {}),
    });
  }
});

test('releases of Flux are taken over with no release, and no object written', async () => {
  const annotations = { 'reconcile.fluxcd.io/requestedAt': 'ours' };
  for (const { metadata } of releases) {
    await cluster.patch(releaseRef(namespace, metadata.name), 'merge', { metadata: { annotations } });
  }

  for (const { metadata, status = {} } of releases) {
    const taken = await world.until(namespace, metadata.name, ({ status: now }) => {
      const isBusy = now?.conditions?.some(({ type }) => type === 'Reconciling') ?? true;
      return now?.lastHandledReconcileAt === 'ours' && !isBusy;
    });
    const { conditions, lastHandledReconcileAt, ...rest } = taken.status ?? {};
    const { conditions: told, lastHandledReconcileAt: handled, ...recorded } = status;
    expect(rest, metadata.name).toEqual(recorded);
    expect(conditions?.map(shown), metadata.name).toEqual(told?.map(shown));
  }
  expect(await written(cluster)).toEqual(before);
});
