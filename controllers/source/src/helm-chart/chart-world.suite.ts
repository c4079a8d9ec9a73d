import { readFile } from 'node:fs/promises';
import { gitRepository, type HelmChart, helmChart, helmRepository } from '@flux/api';
import type { ObjectRef } from '@flux/apimachinery';
import type { CommitRequest } from '@flux/git';
import { type Chart, loadChartArchive } from '@flux/helm';
import {
  type LentGitServer,
  type SourceCluster,
  type StartCluster,
  startSourceCluster,
  type TestedSource,
} from '../frame/source-cluster.suite.ts';
import { gitRepositoryController } from '../git-repository/controller.ts';
import { helmRepositoryController } from '../helm-repository/controller.ts';
import { IndexCache } from '../helm-repository/index-cache.ts';
import { helmChartController } from './controller.ts';

type Files = Record<string, string>;

interface ChartServer extends AsyncDisposable {
  readonly url: string;
  addChart(files: Readonly<Files>, repository?: string): Promise<Uint8Array>;
}

/** A cluster with HelmCharts and their sources; the charts of a test lie in a repository named after its namespace. */
export interface ChartWorld<Server extends ChartServer> extends Omit<SourceCluster, 'namespace'> {
  readonly charts: Server;
  /** How the cache of indexes answered, as its observer hears it. */
  readonly lookUps: string[];
  /** Of the test that `begin` began. */
  readonly namespace: string;
  begin(): Promise<void>;
  /** `demo`, a HelmChart, unless it says otherwise. */
  ref(name?: string, kind?: { apiVersion: string; kind: string }): ObjectRef;
  /** The HelmRepository `charts`. */
  readonly repository: ObjectRef;
  /** The GitRepository `app`. */
  readonly app: ObjectRef;
  addChart(files: Files): Promise<Uint8Array>;
  createRepository(spec?: Record<string, unknown>): Promise<unknown>;
  createChart(spec?: Record<string, unknown>, name?: string): Promise<HelmChart>;
  commit(files: CommitRequest['files']): Promise<string>;
  createGit(): Promise<unknown>;
  chartOf(object: TestedSource): Promise<Chart>;
}

/** The files of a chart `demo`. */
export const demo = (version: string, more: Files = {}): Files => ({
  'Chart.yaml': `apiVersion: v2\nname: demo\nversion: ${version}\n`,
  'values.yaml': 'message: base\nlist: [1, 2]\n',
  'templates/cm.yaml': 'kind: ConfigMap\n',
  ...more,
});

/** What makes a HelmChart one of the GitRepository `app`. */
export const fromGit = { sourceRef: { kind: 'GitRepository', name: 'app' } };

/** The text of values.yaml. */
export function valuesOf(chart: Chart): string {
  return Buffer.from(chart.raw.find(({ name }) => name === 'values.yaml')!.data).toString();
}

/** Starts all of it. */
export async function startChartWorld<Server extends ChartServer>(testkit: {
  startCluster: StartCluster;
  startGitServer(): Promise<LentGitServer>;
  serveCharts(): Promise<Server>;
}): Promise<ChartWorld<Server>> {
  await using starting = new AsyncDisposableStack();
  const git = starting.use(await testkit.startGitServer());
  const charts = starting.use(await testkit.serveCharts());
  const lookUps: string[] = [];
  const indexes = new IndexCache({ observer: { lookedUp: (event) => lookUps.push(event), forgotten: () => {} } });
  const sources = starting.use(
    await startSourceCluster(testkit.startCluster, (storage) => [
      helmRepositoryController({ storage, indexes }),
      gitRepositoryController({ storage }),
      helmChartController({ storage, indexes, maxChartBytes: 20_000, maxFileBytes: 10_000 }),
    ]),
  );
  const { cluster, storage } = sources;
  const stack = starting.move();
  let namespace = '';
  const ref = (name = 'demo', { apiVersion, kind }: { apiVersion: string; kind: string } = helmChart) => ({
    apiVersion,
    kind,
    namespace,
    name,
  });
  return {
    ...sources,
    charts,
    lookUps,
    get namespace() {
      return namespace;
    },
    async begin() {
      namespace = await sources.namespace();
    },
    ref,
    get repository() {
      return ref('charts', helmRepository);
    },
    get app() {
      return ref('app', gitRepository);
    },
    addChart: (files) => charts.addChart(files, namespace),
    createRepository: (spec = {}) =>
      cluster.create({
        ...ref('charts', helmRepository),
        metadata: { name: 'charts', namespace },
        spec: { interval: '1h', url: `${charts.url}/${namespace}`, ...spec },
      }),
    createChart: (spec = {}, name = 'demo') =>
      cluster.create({
        ...ref(name),
        metadata: { name, namespace },
        spec: {
          interval: '1h',
          chart: 'demo',
          sourceRef: { kind: 'HelmRepository', name: 'charts' },
          ...spec,
        } as HelmChart['spec'],
      }),
    commit: (files) => git.commit(`${namespace}/app`, files),
    createGit: () =>
      cluster.create({
        ...ref('app', gitRepository),
        metadata: { name: 'app', namespace },
        spec: { interval: '1h', url: git.urlOf(`${namespace}/app`), ref: { branch: 'main' } },
      }),
    chartOf: async ({ status }) => loadChartArchive(await readFile(storage.localPath(status!.artifact!))),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
