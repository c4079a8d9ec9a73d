import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject } from '@flux/apimachinery';
import { serveCharts } from '@flux/testkit';
import { type ApiServerLoad, readApiServerLoad } from '../api-server-load.ts';
import { type Engine, engines } from '../engine.ts';
import { readUsage, type Usage } from '../measure.ts';
import type { BenchOptions, Row } from '../row.ts';
import { inParallel, untilReady } from '../until-ready.ts';

const defaultCounts = [100];
/** Flux 2.9 with 10 workers on 2 cores, and the published time on its own bench (issue 7). */
const peers: Readonly<Record<number, number>> = { 100: 47, 500: 134 };
/** What issue 7 promises on 2 cores with real Kubernetes. */
const limits: Readonly<Record<number, number>> = { 100: 10, 500: 45 };
const maxMiB = 350;
const maxPercent = 10;
const intervalMs = 60_000;

/**
 * Mean time to production of releases: HelmReleases of one chart, each into a namespace that it creates, with a ServiceAccount,
 * a Deployment without replicas, a Service and an Ingress, from the first create until all are Ready. Then what the last of
 * them cost while nothing happens, with drift detection on, over an interval of a minute that is not the first one.
 */
export async function run(progress: (message: string) => void, options: BenchOptions): Promise<Row[]> {
  const rows: Row[] = [];
  const directory = await mkdtemp(join(tmpdir(), 'flux-bench-helm-'));
  await using charts = await serveCharts();
  await charts.addChart(chart);
  try {
    for (const start of engines()) {
      const counts = options.counts ?? defaultCounts;
      for (const [index, count] of counts.entries()) {
        await using engine = await start(join(directory, `${start.name}-${index}`), progress);
        await engine.cluster.apply(repository(charts.url), { fieldManager: 'bench', force: true });
        await untilReady(engine.cluster, 'source.toolkit.fluxcd.io/v1', 'HelmRepository', 1);
        progress(`${engine.name}: creating ${count} HelmReleases`);
        rows.push(...(await measure(engine, count)));
        if (index < counts.length - 1) continue;
        progress(`${engine.name}: watching ${count} HelmReleases`);
        rows.push(...(await measureSteady(engine, count)));
      }
    }
    return rows;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function measure(engine: Engine, count: number): Promise<Row[]> {
  const { name, cluster } = engine;
  const before = await readLoad(engine);
  const start = performance.now();
  const ready = untilReady(cluster, 'helm.toolkit.fluxcd.io/v2', 'HelmRelease', count);
  await inParallel(
    Array.from({ length: count }, (_, index) => release(index)),
    (object) => cluster.create(object),
  );
  await ready;
  const seconds = (performance.now() - start) / 1000;
  const after = await readLoad(engine);
  const peer = peers[count];
  const limit = name === 'kubernetes' ? limits[count] : undefined;
  return [
    {
      name: `${name}: ${count} HelmReleases Ready`,
      value: seconds,
      unit: 's',
      ...(peer === undefined ? {} : { peer: { name: 'Flux 2.9', value: peer } }),
      ...(limit === undefined ? {} : { limit: { text: `at most ${limit} s`, isMet: seconds <= limit } }),
    },
    {
      name: `${name}: peak memory at ${count}`,
      value: after.peakMiB,
      unit: 'MiB',
      limit: { text: `below ${maxMiB} MiB`, isMet: after.peakMiB < maxMiB },
    },
    ...costRows(`${name}: % of ${count}`, before, after),
  ];
}

/** The first interval fills what is remembered; the second one is like all that follow. */
async function measureSteady(engine: Engine, count: number): Promise<Row[]> {
  await new Promise((resolve) => setTimeout(resolve, 1.2 * intervalMs));
  const before = await readLoad(engine);
  await new Promise((resolve) => setTimeout(resolve, intervalMs));
  const after = await readLoad(engine);
  const percent = ((after.cpuSeconds - before.cpuSeconds) / (intervalMs / 1000)) * 100;
  return [
    {
      name: `${engine.name}: steady state of ${count}`,
      value: percent,
      unit: '% of a core',
      limit: { text: `below ${maxPercent} %`, isMet: percent < maxPercent },
    },
    ...costRows(`${engine.name}: % of the steady state`, before, after).slice(1),
  ];
}

type Load = Usage & { server: ApiServerLoad | undefined };

async function readLoad({ cluster, pid }: Engine): Promise<Load> {
  return { ...(readUsage(pid) as Usage), server: await readApiServerLoad(cluster) };
}

/** What it took from us, and from an API server that is a process of its own. */
function costRows(name: string, before: Load, after: Load): Row[] {
  const row = (what: string, unit: Row['unit'], value: number): Row => ({ name: name.replace('%', what), unit, value });
  const own = row('CPU', 's', after.cpuSeconds - before.cpuSeconds);
  if (!before.server || !after.server) return [own];
  return [
    own,
    row('CPU of the API server', 's', after.server.cpuSeconds - before.server.cpuSeconds),
    row('requests to the API server', 'x', after.server.requests - before.server.requests),
  ];
}

function repository(url: string): KubeObject {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'HelmRepository',
    metadata: { name: 'bench', namespace: 'default' },
    spec: { interval: '1h', url },
  };
}

function release(index: number): KubeObject {
  return {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: `bench-${index}`, namespace: 'default' },
    spec: {
      interval: '1m',
      chart: { spec: { chart: 'app', sourceRef: { kind: 'HelmRepository', name: 'bench' }, interval: '1h' } },
      releaseName: 'app',
      targetNamespace: `helm-${index}`,
      storageNamespace: `helm-${index}`,
      install: { createNamespace: true },
      driftDetection: { mode: 'enabled' },
    },
  };
}

const metadata = 'metadata:\n  name: {{ .Release.Name }}\n';
const selector = '{app: {{ .Release.Name }}}';
const chart = {
  'Chart.yaml': 'apiVersion: v2\nname: app\nversion: 1.0.0\n',
  'values.yaml': 'image: example.com/app:1.0.0\n',
  'templates/account.yaml': `apiVersion: v1\nkind: ServiceAccount\n${metadata}`,
  'templates/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
${metadata}spec:
  replicas: 0
  selector: {matchLabels: ${selector}}
  template:
    metadata: {labels: ${selector}}
    spec:
      serviceAccountName: {{ .Release.Name }}
      containers:
        - name: app
          image: {{ .Values.image }}
          ports: [{containerPort: 8080, protocol: TCP}]
`,
  'templates/service.yaml': `apiVersion: v1
kind: Service
${metadata}spec:
  selector: ${selector}
  ports: [{port: 80, targetPort: 8080, protocol: TCP}]
`,
  'templates/ingress.yaml': `apiVersion: networking.k8s.io/v1
kind: Ingress
${metadata}spec:
  rules:
    - host: {{ .Release.Namespace }}.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: {service: {name: {{ .Release.Name }}, port: {number: 80}}}
`,
};
