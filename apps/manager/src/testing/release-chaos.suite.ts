import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HelmRelease, helmRelease } from '@flux/api';
import { isNotFound, type KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deploymentTemplate, jobTemplate } from './chart-templates.ts';

const entry = resolve(import.meta.dirname, '..', '..', '..', 'flux', 'src', 'main.ts');
const seed = Number(process.env['CHAOS_SEED'] ?? 1);
const readyMs = 120_000;
const namespace = 'chaos';
const release = { apiVersion: helmRelease.apiVersion, kind: helmRelease.kind, namespace, name: 'demo' };

/** A cluster whose API server can be killed. */
export interface ChaosPlace extends AsyncDisposable {
  readonly cluster: Cluster;
  /** Path. */
  readonly kubeconfig: string;
  /** Kills the API server and starts it again on what it had stored. */
  restart(): Promise<void>;
}

/** A test lends it: servers are tools, which this package may not import. */
interface ChartServer {
  url: string;
  addChart(files: Readonly<Record<string, string>>): Promise<unknown>;
  close(): Promise<void>;
}

export interface Chaos {
  open(): Promise<ChaosPlace>;
  serveCharts(): Promise<ChartServer>;
  rounds: number;
}

let directory: TemporaryDirectory;
let place: ChaosPlace;
let charts: ChartServer;
let manager: ChildProcess;

async function prepare({ open, serveCharts }: Chaos): Promise<void> {
  directory = await temporaryDirectory('release-chaos');
  await mkdir(join(directory.path, 'artifacts'));
  place = await open();
  charts = await serveCharts();
  await charts.addChart(chart('1.0.0'));
  await place.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await place.cluster.create({
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'HelmRepository',
    metadata: { name: 'charts', namespace },
    spec: { interval: '1h', url: charts.url },
  } as KubeObject);
}

async function cleanUp(): Promise<void> {
  manager?.kill('SIGKILL');
  await charts?.close();
  await place?.[Symbol.asyncDispose]();
  await directory?.[Symbol.asyncDispose]();
}

function startManager(): void {
  const args = ['--kubeconfig', place.kubeconfig, '--storage-path', join(directory.path, 'artifacts')];
  const addresses = ['--storage-addr', '127.0.0.1:0', '--metrics-addr=', '--health-addr='];
  const retries = ['--min-retry-delay', '100ms', '--max-retry-delay', '2s'];
  const command = [entry, 'manager', ...args, ...addresses, ...retries];
  manager = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...command], { stdio: 'ignore' });
}

async function kill(): Promise<void> {
  const ended = new Promise((resolve) => manager.once('exit', resolve));
  manager.kill('SIGKILL');
  await ended;
}

/** From a fixed seed, so that a failure can be seen again. */
function random(state: number): () => number {
  let current = state;
  return () => {
    current = (Math.imul(current, 1_664_525) + 1_013_904_223) >>> 0;
    return current / 2 ** 32;
  };
}

const patch = (spec: object) => place.cluster.patch(release, 'merge', { spec });
const remediated = { remediation: { retries: 2 }, timeout: '1s' };
const broken = { values: { nodeSelector: { none: 'true' } } };

/** What users, and other programs, do while the manager runs. */
const actions: Readonly<Record<string, (round: number) => Promise<unknown>>> = {
  values: (round) => patch({ values: { message: `changed ${round}` } }),
  async chart(round) {
    await charts.addChart(chart(`1.0.${round + 1}`));
    const annotations = { 'reconcile.fluxcd.io/requestedAt': `chart-${round}` };
    const repository = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'HelmRepository', namespace, name: 'charts' };
    await place.cluster.patch(repository, 'merge', { metadata: { annotations } });
  },
  broken: () => patch(broken),
  remediated: () => patch({ ...broken, install: remediated, upgrade: remediated }),
  reinstalled: () =>
    patch({ ...broken, upgrade: { timeout: '1s', remediation: { retries: 1, strategy: 'uninstall' } } }),
  uninstalled: () => place.cluster.delete(release).then(() => undefined),
};

/** Somebody else's hand in Helm's storage. */
const interferences: Readonly<Record<string, () => Promise<unknown>>> = {
  restart: () => place.restart(),
  async deletesRevision() {
    const last = await lastSecret();
    if (last) await place.cluster.delete({ apiVersion: 'v1', kind: 'Secret', namespace, name: last }).catch(unlessGone);
  },
  async conflicts() {
    const last = await lastSecret();
    const metadata = { labels: { conflict: String(Date.now()) } };
    if (last) {
      await place.cluster
        .patch({ apiVersion: 'v1', kind: 'Secret', namespace, name: last }, 'merge', { metadata })
        .catch(unlessGone);
    }
  },
};

async function lastSecret(): Promise<string | undefined> {
  const { items } = await place.cluster.list(
    { apiVersion: 'v1', kind: 'Secret' },
    { namespace, labelSelector: 'owner=helm' },
  );
  return items.at(-1)?.metadata.name;
}

function unlessGone(error: unknown): void {
  if (!isNotFound(error)) throw error;
}

async function createRelease(round: number): Promise<void> {
  await place.cluster.create({
    apiVersion: release.apiVersion,
    kind: release.kind,
    metadata: { name: release.name, namespace },
    spec: {
      interval: '1h',
      timeout: '60s',
      chart: { spec: { chart: 'demo', sourceRef: { kind: 'HelmRepository', name: 'charts' } } },
      values: { message: `round ${round}` },
    },
  });
}

/** The spec that a user would leave behind; an object that is on its way out is made anew. */
async function mend(round: number): Promise<void> {
  const found = await place.cluster.find(release);
  if (found?.metadata.deletionTimestamp) await untilStatus((object) => object === undefined);
  if (!found || found.metadata.deletionTimestamp) return createRelease(round);
  await patch({ values: { message: `round ${round}`, nodeSelector: null }, install: null, upgrade: null });
}

async function untilStatus(isWanted: (object: HelmRelease | undefined) => boolean): Promise<void> {
  const deadline = performance.now() + readyMs;
  for (;;) {
    const found = await place.cluster.find<HelmRelease>(release);
    if (isWanted(found)) return;
    if (performance.now() > deadline) throw new Error(`gave up: ${JSON.stringify(found?.status, null, 1)}`);
    await sleep(100);
  }
}

function isReady(object: HelmRelease | undefined): boolean {
  const { observedGeneration, conditions = [] } = object?.status ?? {};
  const ready = conditions.find(({ type }) => type === 'Ready');
  const isBusy = conditions.some(({ type }) => type === 'Reconciling');
  return ready?.status === 'True' && observedGeneration === object?.metadata.generation && !isBusy;
}

/** Kills the manager, and at times the API server, at random points; every round has to end Ready. */
export function testReleaseChaos(chaos: Chaos): void {
  const { rounds } = chaos;
  beforeAll(() => prepare(chaos));
  afterAll(cleanUp);

  test(`releases end Ready after each of ${rounds} kills (seed ${seed})`, {
    timeout: rounds * 2 * readyMs,
  }, async () => {
    const next = random(seed);
    const choose = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T;
    await createRelease(-1);
    startManager();
    await untilStatus(isReady);
    for (let round = 0; round < rounds; round++) {
      const action = choose(Object.keys(actions));
      const interference = next() < 0.3 ? choose(Object.keys(interferences)) : undefined;
      const waitMs = next() * 1500;
      const told = `round ${round}: ${action}, ${interference ?? 'nothing'} after ${Math.round(waitMs)} ms`;
      await actions[action]?.(round);
      await sleep(waitMs);
      await kill();
      if (interference) await interferences[interference]?.();
      startManager();

      await mend(round);
      await untilStatus(isReady).catch((cause: unknown) => {
        throw new Error(told, { cause });
      });
      const config = await place.cluster.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'demo' });
      expect(config['data'].message, told).toBe(`round ${round}`);
    }
  });
}

function chart(version: string): Record<string, string> {
  return {
    'Chart.yaml': `apiVersion: v2\nname: demo\nversion: ${version}\n`,
    'values.yaml': 'message: none\n',
    'templates/config.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  message: {{ .Values.message | quote }}
  version: {{ .Chart.Version }}
`,
    'templates/deployment.yaml': deploymentTemplate,
    'templates/hook.yaml': jobTemplate('hook', 'pre-install,pre-upgrade,pre-delete'),
  };
}
