import { type HelmChart, type HelmRelease, helmChart, helmRelease } from '@flux/api';
import type { Condition, KubeObject, ObjectRef } from '@flux/apimachinery';
import { type Cluster, clusterOver, type Transport, type TransportRequest, type TransportResponse } from '@flux/client';
import { sha256Hex } from '@flux/crypto';
import type { Chart } from '@flux/helm';
import {
  type Controller,
  createWatchCache,
  defineController,
  ReconcileError,
  readyFrame,
  requeueAfter,
  silentLog,
  startControllers,
  type WatchCache,
} from '@flux/runtime';
import { helmReleaseController } from '../controller.ts';
import type { HelmSettings } from '../settings.ts';

/** A cluster with the controller at work, and charts that stand for what source-controller would fetch. */
export interface HelmWorld extends AsyncDisposable {
  cluster: Cluster;
  watches: WatchCache;
  /** Of the administrator, over HTTPS. */
  kubeconfig: string;
  /** Where the API server is, and who vouches for it. */
  endpoint: { address: string; authority: string };
  /** Makes a namespace and gives back its name. */
  namespace(): Promise<string>;
  /** Makes a chart version the newest that HelmCharts of its name resolve to. */
  publish(files: Readonly<Record<string, string>>): Promise<void>;
  /** Starts the controller anew, as after a crash. */
  restart(faults?: Faults): Promise<void>;
  /** Resolves when the controller has lost its connection for good. */
  lost(): Promise<void>;
  /** Resolves once the predicate holds for the HelmRelease. */
  until(namespace: string, name: string, predicate: (object: HelmRelease) => boolean): Promise<HelmRelease>;
  events(namespace: string): Promise<string[]>;
}

/** What happens to the requests of the controller. */
export interface Faults {
  /** Writes that still arrive; after them nothing does, as after a kill. */
  writes?: number;
  /** True lets a write fail with a conflict. */
  conflicts?: () => boolean;
  /** Told of each request, as `PATCH configmaps/demo`; of those of watches too. */
  onRequest?: (request: string) => void;
}

/** Only what hangs takes as long. */
const waitMs = 60_000;

/** What a test lends: clusters and servers are tools, which controllers may not import. */
export interface Testkit {
  startEmbeddedCluster(): Promise<{ cluster: Cluster; server: ApiServer } & AsyncDisposable>;
  serveCharts(): Promise<ChartServer & AsyncDisposable>;
  packChart(files: Readonly<Record<string, string>>): Promise<{ chart: Chart; archive: Uint8Array }>;
}

interface ApiServer {
  adminKubeconfig(): string;
  url: string;
  handle(request: TransportRequest): Promise<TransportResponse>;
  stream(request: TransportRequest): AsyncIterable<unknown>;
}

interface ChartServer {
  url: string;
  put(path: string, content: Uint8Array): void;
}

export async function startHelmWorld(kit: Testkit, settings: Partial<HelmSettings> = {}): Promise<HelmWorld> {
  await using starting = new AsyncDisposableStack();
  const { cluster, server: apiServer } = starting.use(await kit.startEmbeddedCluster());
  const server = starting.use(await kit.serveCharts());
  const charts = new Map<string, { url: string; version: string; digest: string }>();
  const watches = createWatchCache(cluster);
  starting.defer(() => watches.close());
  let running = await start(cluster, charts, settings);
  let lost: Promise<void> = Promise.resolve();
  const stack = starting.move();
  let namespaces = 0;
  return {
    cluster,
    watches,
    kubeconfig: apiServer.adminKubeconfig(),
    endpoint: { address: apiServer.url, authority: authorityIn(apiServer.adminKubeconfig()) },
    async namespace() {
      const name = `test-${++namespaces}`;
      await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      return name;
    },
    publish: (files) => publish({ cluster, server, charts, kit }, files),
    async restart(faults) {
      await running.stop();
      const faulty = faults && faultyTransport(apiServer, faults);
      lost = faulty?.lost ?? Promise.resolve();
      running = faulty
        ? await start(clusterOver(faulty.transport, apiServer.url), charts, settings, faulty.lost)
        : await start(cluster, charts, settings);
    },
    lost: () => lost,
    async until(namespace, name, predicate) {
      const ref = releaseRef(namespace, name);
      const found = await watches
        .waitFor(ref, (object) => object !== undefined && predicate(object as HelmRelease), AbortSignal.timeout(waitMs))
        .catch(async (error: unknown) => {
          const last = await cluster.find(ref);
          throw new Error(`gave up waiting; status: ${JSON.stringify(last?.['status'], null, 1)}`, { cause: error });
        });
      return found as HelmRelease;
    },
    async events(namespace) {
      const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Event' }, { namespace });
      return items.map((event) => `${event['type']} ${event['reason']} ${event['message']}`);
    },
    async [Symbol.asyncDispose]() {
      await running.stop();
      await stack.disposeAsync();
    },
  };
}

function authorityIn(kubeconfig: string): string {
  const [, data = ''] = /certificate-authority-data: (\S+)/.exec(kubeconfig) ?? [];
  return Buffer.from(data, 'base64').toString('utf8');
}

/** Requests of one process: they stop to arrive after a number of writes, and some of them conflict. */
function faultyTransport(server: ApiServer, { writes = Number.POSITIVE_INFINITY, conflicts, onRequest }: Faults) {
  const { promise: lost, resolve } = Promise.withResolvers<void>();
  let left = writes;
  const transport: Transport = {
    async send(request) {
      onRequest?.(formatRequest(request));
      const isWrite = request.method !== 'GET' && !request.path.includes('/events');
      if (isWrite) left--;
      if (left < 0) {
        resolve();
        throw new Error('connection lost');
      }
      if (isWrite && request.query?.['dryRun'] === undefined && conflicts?.()) {
        const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Conflict', code: 409 };
        return { status: 409, headers: {}, body: { ...status, message: 'the object has been modified' } };
      }
      return server.handle(request);
    },
    stream: (request) => server.stream(request),
    close: async () => {},
  };
  return { transport, lost };
}

/** Without group, version and namespace; a dry run is told as such. */
function formatRequest({ method, path, query }: TransportRequest): string {
  const resource = path.replace(/^\/apis?\/([^/]+\/)*?(v\d\w*)\//, '').replace(/^namespaces\/[^/]+\/(?=.)/, '');
  return `${query?.['dryRun'] ? 'DRY ' : ''}${method} ${resource}`;
}

const releaseKind = { apiVersion: helmRelease.apiVersion, kind: helmRelease.kind };

type Charts = Map<string, { url: string; version: string; digest: string }>;

async function start(cluster: Cluster, charts: Charts, settings: Partial<HelmSettings>, lost?: Promise<void>) {
  const helm = helmReleaseController({ httpRetries: 0, chartGraceMs: 60_000, ...settings });
  const controllers = await startControllers([chartSource(charts), helm], {
    cluster,
    log: silentLog,
    minRetryMs: 50,
    maxRetryMs: 1_000,
  });
  await (lost ? Promise.race([controllers.started, lost]) : controllers.started); // it may be lost before it started
  return {
    async stop() {
      await controllers.stop();
      await helm[Symbol.asyncDispose]();
    },
  };
}

async function publish(
  { cluster, server, charts, kit }: { cluster: Cluster; server: ChartServer; charts: Charts; kit: Testkit },
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const { chart, archive } = await kit.packChart(files);
  const { name, version } = chart.metadata;
  const path = `${name}-${version}-${sha256Hex(archive).slice(0, 8)}.tgz`;
  server.put(path, archive);
  charts.set(name, { url: `${server.url}/${path}`, version, digest: `sha256:${sha256Hex(archive)}` });
  const kind = { apiVersion: helmChart.apiVersion, kind: helmChart.kind };
  for (const { metadata } of (await cluster.list(kind)).items) {
    const patch = { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': path } } };
    const { name: object, namespace = '' } = metadata;
    await cluster.patch({ ...kind, namespace, name: object }, 'merge', patch);
  }
}

/** Gives each HelmChart the newest chart of its name as artifact. */
function chartSource(charts: Charts): Controller {
  return defineController<HelmChart, undefined>({
    name: 'source-controller',
    kind: { apiVersion: helmChart.apiVersion, kind: helmChart.kind },
    frame: readyFrame(),
    fieldManager: 'source-controller',
    finalizer: false,
    concurrency: 4,
    deps: undefined,
    interval: () => 3_600_000,
    async reconcile(run) {
      const found = charts.get(run.object.spec.chart);
      // one that is published later asks for a pass
      if (!found)
        throw new ReconcileError('Failed', `no chart ${run.object.spec.chart}`, { retry: { afterMs: 3_600_000 } });
      const { url, version, digest } = found;
      const artifact = { url, revision: version, digest, path: url, lastUpdateTime: new Date().toISOString(), size: 1 };
      run.object.status = { ...run.object.status, artifact };
      run.succeed('ChartPullSucceeded', `pulled ${version}`);
      return requeueAfter(3_600_000);
    },
  });
}

export function releaseRef(namespace: string, name = 'demo'): ObjectRef {
  return { ...releaseKind, namespace, name };
}

/** A HelmRelease of the chart `demo`. */
export function demoRelease(namespace: string, spec: Record<string, unknown> = {}, name = 'demo'): KubeObject {
  return {
    ...releaseKind,
    metadata: { name, namespace },
    spec: {
      interval: '1h',
      timeout: '60s',
      chart: { spec: { chart: 'demo', sourceRef: { kind: 'HelmRepository', name: 'charts' } } },
      ...spec,
    },
  };
}

const configMap = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-config
data:
  message: {{ .Values.message | quote }}
`;
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ int .Values.replicas }}
  selector:
    matchLabels: {app: {{ .Release.Name }}}
  template:
    metadata:
      labels: {app: {{ .Release.Name }}}
    spec:
      {{- with .Values.nodeSelector }}
      nodeSelector: {{ toJson . }}
      {{- end }}
      containers:
        - name: main
          image: nginx:1.25
`;

/** The files of the chart `demo`, with others beside them. */
export function demoChart(version: string, files: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    'Chart.yaml': `apiVersion: v2\nname: demo\nversion: ${version}\n`,
    'values.yaml': 'message: hello\nreplicas: 1\n',
    'templates/configmap.yaml': configMap,
    'templates/deployment.yaml': deployment,
    ...files,
  };
}

export function conditionOf(object: HelmRelease, type: string): Condition | undefined {
  return object.status?.conditions?.find((condition) => condition.type === type);
}

/** Whether Ready gives the reason. */
export function hasReason(reason: string): (object: HelmRelease) => boolean {
  return (object) => conditionOf(object, 'Ready')?.reason === reason;
}

export function isStalled(object: HelmRelease): boolean {
  return conditionOf(object, 'Stalled')?.status === 'True';
}

/** Ready for the generation, with nothing under way. */
export function isReadyNow(object: HelmRelease): boolean {
  const { observedGeneration } = object.status ?? {};
  const isReady = conditionOf(object, 'Ready')?.status === 'True';
  return isReady && observedGeneration === object.metadata.generation && !conditionOf(object, 'Reconciling');
}
