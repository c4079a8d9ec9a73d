import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { helmRelease } from '@flux/api';
import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { areFluxControllersBuilt, type FluxControllers, startFluxControllers } from '@flux/kubernetes';
import { createWatchCache, type RunningControllers, silentLog, type WatchCache } from '@flux/runtime';
import { isRealClusterBuilt, serveCharts, startRealCluster, type TestCluster } from '@flux/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startManager } from './start-manager.ts';
import { charts, namespace, releases, sourceDefinitions, valueSources } from './testing/takeover-releases.ts';

const isBuilt = isRealClusterBuilt() && areFluxControllersBuilt();
const title = isBuilt
  ? 'a cluster of Flux'
  : 'a cluster of Flux (left out: build with `npm run kubernetes -- --build-only --flux`)';
const kind = { apiVersion: helmRelease.apiVersion, kind: helmRelease.kind };
const readyMs = 90_000;

describe.skipIf(!isBuilt)(title, () => {
  let directory: string;
  let real: TestCluster;
  let cluster: Cluster;
  let watches: WatchCache;
  let server: Awaited<ReturnType<typeof serveCharts>>;
  let flux: FluxControllers | undefined;
  let ours: RunningControllers | undefined;
  /** Both serve artifacts at one address, as behind the Service of source-controller. */
  let storageAddress = '';

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'flux-takeover-'));
    real = await startRealCluster();
    ({ cluster } = real);
    watches = createWatchCache(cluster);
    for (const definition of sourceDefinitions()) await cluster.create(definition);
    server = await serveCharts();
    for (const chart of charts) await server.addChart(chart);
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await cluster.create({
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'HelmRepository',
      metadata: { name: 'charts', namespace },
      spec: { interval: '1h', url: server.url },
    } as KubeObject);
    for (const source of valueSources) await cluster.create(source);
    await startFlux();
    for (const steps of Object.values(releases)) await cluster.apply(steps[0]!, { fieldManager: 'user', force: true });
    for (const name of Object.keys(releases)) await settled(name);
    for (const [name, [, ...changes]] of Object.entries(releases)) {
      for (const change of changes) {
        await cluster.apply(change, { fieldManager: 'user', force: true });
        await settled(name);
      }
    }
  });

  afterAll(async () => {
    await flux?.stop();
    await ours?.stop();
    await watches?.close();
    await server?.close();
    await real?.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function startFlux(): Promise<void> {
    flux = await startFluxControllers({
      kubeconfig: real.kubeconfig,
      directory,
      ...(storageAddress ? { storageAddress } : {}),
    });
    ({ storageAddress } = flux);
  }

  async function startOurs(): Promise<void> {
    const storagePath = join(directory, 'artifacts');
    await mkdir(storagePath, { recursive: true });
    ours = await startManager({ cluster, log: silentLog, storagePath, storageAddress });
    await ours.started;
  }

  const refOf = (name: string): ObjectRef => ({ ...kind, namespace, name });

  /** The newest generation was looked at, and nothing is going on. */
  function settled(name: string, isWanted: (object: KubeObject) => boolean = () => true): Promise<unknown> {
    return watches
      .waitFor(
        refOf(name),
        (object) => object !== undefined && isWanted(object) && isSettled(object),
        AbortSignal.timeout(readyMs),
      )
      .catch(async (cause: unknown) => {
        const found = await cluster.find(refOf(name));
        throw new Error(`${name} gave up: ${JSON.stringify(found?.['status'], null, 1)}`, { cause });
      });
  }

  /** Lets whoever is at work look at everything once. */
  async function lookedAt(token: string): Promise<void> {
    const patch = { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': token } } };
    const names = (await cluster.list(kind, { namespace })).items.map(({ metadata }) => metadata.name);
    for (const name of names) await cluster.patch(refOf(name), 'merge', patch);
    for (const name of names) {
      await settled(name, (object) => object['status']?.lastHandledReconcileAt === token);
    }
  }

  /** Everything that a release consists of: who changes one of these has done something. */
  async function world(): Promise<Record<string, unknown>> {
    const found: Record<string, unknown> = {};
    for (const [apiVersion, of] of worldKinds) {
      for (const object of (await cluster.list({ apiVersion, kind: of }, { namespace })).items) {
        const { name, uid, generation, resourceVersion } = object.metadata;
        if (name === 'kube-root-ca.crt') continue;
        // Kubernetes goes on to write the status of the others
        const isOurs = ['Secret', 'ConfigMap'].includes(of);
        found[`${of}/${name}`] = { uid, generation, ...(isOurs ? { resourceVersion } : {}) };
      }
    }
    return found;
  }

  /** What decides whether there is anything to do. Ready of a stalled release is unknown after Flux has waited for its source. */
  async function statuses(): Promise<Record<string, unknown>> {
    const { items } = await cluster.list(kind, { namespace });
    return Object.fromEntries(
      items.map(({ metadata, ['status']: status }) => {
        const { lastHandledReconcileAt, conditions, ...rest } = status;
        const isStalled = conditions.some(({ type }: Record<string, string>) => type === 'Stalled');
        const lasting = conditions.filter(({ type }: Record<string, string>) => !isStalled || type !== 'Ready');
        const told = lasting.map(({ type, status: value, reason, message }: Record<string, string>) => {
          return { type, status: value, reason, message: message?.split('\nW')[0] };
        });
        return [metadata.name, { ...rest, conditions: told }];
      }),
    );
  }

  test('is taken over with no release, and no object written', async () => {
    await flux?.stop();
    flux = undefined;
    const [objects, before] = [await world(), await statuses()];
    if (process.env['RECORD_TAKEOVER']) await record(process.env['RECORD_TAKEOVER']);

    await startOurs();
    await lookedAt('ours');

    expect(await statuses()).toEqual(before);
    expect(await world()).toEqual(objects);
  });

  test('is handed back with no release, and no object written', async () => {
    await cluster.patch(refOf('plain'), 'merge', { spec: { values: { message: 'by us' } } });
    await settled('plain', (object) => object['status']?.history?.[0]?.version === 2);
    await cluster.apply({ ...releases['hooked']![0]!, metadata: { name: 'new', namespace } }, { fieldManager: 'user' });
    await settled('new');
    await ours?.stop();
    ours = undefined;
    const [objects, before] = [await world(), await statuses()];

    await startFlux();
    await lookedAt('theirs');

    expect(await statuses()).toEqual(before);
    expect(await world()).toEqual(objects);
  });

  /** What Flux left, for the test of helm-controller that needs no Flux: `controllers/helm/testdata/left-by-flux.json`. */
  async function record(path: string): Promise<void> {
    const kept = [[kind.apiVersion, kind.kind] as const, ...worldKinds.filter(([, of]) => !ownedKinds.has(of))];
    const lists = await Promise.all(
      kept.map(([apiVersion, of]) => cluster.list({ apiVersion, kind: of }, { namespace })),
    );
    const objects = lists
      .flatMap(({ items }) => items)
      .filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt')
      .map(({ metadata: { name, labels, annotations, generation }, ['status']: status, ...rest }) => {
        const metadata = { name, namespace, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
        const isRelease = rest.kind === kind.kind;
        return {
          ...rest,
          metadata: isRelease ? { ...metadata, generation } : metadata,
          ...(isRelease ? { status } : {}),
        };
      });
    await writeFile(path, `${JSON.stringify(objects, null, 1)}\n`);
  }
});

const worldKinds = [
  ['v1', 'Secret'],
  ['v1', 'ConfigMap'],
  ['apps/v1', 'Deployment'],
  ['v1', 'Pod'],
  ['batch/v1', 'Job'],
] as const;

/** Made by Kubernetes out of others, or by hooks. */
const ownedKinds: ReadonlySet<string> = new Set(['Pod', 'Job']);

function isSettled(object: KubeObject): boolean {
  const { observedGeneration, conditions = [] } = object['status'] ?? {};
  const isTrue = (type: string) =>
    conditions.some(
      (condition: Record<string, string>) => condition['type'] === type && condition['status'] === 'True',
    );
  const ready = conditions.find(({ type }: Record<string, string>) => type === 'Ready');
  const isDone = isTrue('Ready') || (isTrue('Stalled') && ready?.reason !== 'SourceNotReady');
  return isDone && !isTrue('Reconciling') && observedGeneration === object.metadata.generation;
}
