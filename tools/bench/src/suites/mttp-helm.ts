import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject } from '@flux/apimachinery';
import { serveCharts } from '@flux/testkit';
import { type Engine, engines } from '../engine.ts';
import { readUsage, type Usage } from '../measure.ts';
import type { BenchOptions, Row } from '../row.ts';
import { inParallel, untilReady } from '../until-ready.ts';

const defaultCounts = [100];
/** Flux 2.9 with 10 workers on 2 cores, and the published time on its own bench (issue 7). */
const peers: Readonly<Record<number, number>> = { 100: 47, 500: 134 };
const settleMs = 10_000;
const steadyMs = 30_000;

/**
 * Mean time to production of releases: HelmReleases of one chart, each into a namespace that it creates, with a ServiceAccount,
 * a Deployment without replicas, a Service and an Ingress, from the first create until all are Ready. Then what they cost
 * while nothing happens, with drift detection on and an interval of a minute.
 */
export async function run(progress: (message: string) => void, options: BenchOptions): Promise<Row[]> {
  const rows: Row[] = [];
  const directory = await mkdtemp(join(tmpdir(), 'flux-bench-helm-'));
  await using charts = await serveCharts();
  await charts.addChart(chart);
  try {
    for (const start of engines()) {
      await using engine = await start(join(directory, start.name), progress);
      await engine.cluster.apply(repository(charts.url), { fieldManager: 'bench', force: true });
      await untilReady(engine.cluster, 'source.toolkit.fluxcd.io/v1', 'HelmRepository', 1);
      let present = 0;
      for (const count of options.counts ?? defaultCounts) {
        progress(`${engine.name}: creating ${count} HelmReleases`);
        rows.push(...(await measure(engine, count, present)));
        present += count;
      }
      progress(`${engine.name}: watching ${present} HelmReleases`);
      rows.push(await measureSteady(engine, present));
    }
    return rows;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function measure({ name, cluster, pid }: Engine, count: number, present: number): Promise<Row[]> {
  const before = readUsage(pid) as Usage;
  const start = performance.now();
  const ready = untilReady(cluster, 'helm.toolkit.fluxcd.io/v2', 'HelmRelease', present + count);
  await inParallel(
    Array.from({ length: count }, (_, index) => release(present + index)),
    (object) => cluster.create(object),
  );
  await ready;
  const seconds = (performance.now() - start) / 1000;
  const after = readUsage(pid) as Usage;
  const peer = peers[count];
  return [
    {
      name: `${name}: ${count} HelmReleases Ready`,
      value: seconds,
      unit: 's',
      ...(peer === undefined ? {} : { peer: { name: 'Flux 2.9', value: peer } }),
    },
    { name: `${name}: peak memory at ${count}`, value: after.peakMiB, unit: 'MiB' },
    { name: `${name}: CPU of ${count}`, value: after.cpuSeconds - before.cpuSeconds, unit: 's' },
  ];
}

async function measureSteady({ name, pid }: Engine, count: number): Promise<Row> {
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const before = readUsage(pid) as Usage;
  await new Promise((resolve) => setTimeout(resolve, steadyMs));
  const after = readUsage(pid) as Usage;
  const percent = ((after.cpuSeconds - before.cpuSeconds) / (steadyMs / 1000)) * 100;
  return { name: `${name}: ${count} HelmReleases at rest`, value: percent, unit: '% of a core' };
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
      interval: '5m',
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
