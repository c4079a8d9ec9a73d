import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { helmChart, helmRepository } from '@flux/api';
import type { Condition, KubeObject } from '@flux/apimachinery';
import { writeBundle } from '@flux/bundle';
import { temporaryDirectory } from '@flux/fs';
import { createWatchCache, type WatchCache } from '@flux/runtime';
import { serveCharts, startEmbeddedCluster } from '@flux/testkit';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const mebibyte = 1024 * 1024;
const namespace = 'default';

/** Entries as repositories have them, of charts with many versions. */
function largeIndex(bytes: number): string {
  const parts = [
    'apiVersion: v1\nentries:\n  demo:\n  - {apiVersion: v2, name: demo, version: 1.0.0, urls: [demo-1.0.0.tgz]}\n',
  ];
  for (let size = 0, chart = 0; size < bytes; chart++) {
    const text = `  chart-${chart}:\n${Array.from({ length: 40 }, (_, version) => entry(chart, version)).join('')}`;
    parts.push(text);
    size += text.length;
  }
  return parts.join('');
}

const entry = (chart: number, version: number) => `  - apiVersion: v2
    appVersion: 1.${version}.0
    created: "2026-01-01T00:00:00Z"
    description: A chart that is described in one sentence, number ${chart}
    digest: ${randomBytes(32).toString('hex')}
    home: https://example.com/${chart}
    maintainers:
    - email: someone@example.com
      name: someone
    name: chart-${chart}
    sources:
    - https://example.com/sources/${chart}
    urls:
    - https://example.com/charts/chart-${chart}-1.${version}.0.tgz
    version: 1.${version}.0
`;

async function untilReady(watches: WatchCache, kind: { apiVersion: string; kind: string }, name: string) {
  const isReady = (object: KubeObject | undefined) => {
    const conditions: readonly Condition[] = object?.['status']?.conditions ?? [];
    return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  };
  const ref = { apiVersion: kind.apiVersion, kind: kind.kind, namespace, name };
  await watches.waitFor(ref, isReady, AbortSignal.timeout(240_000));
}

test('an index of 50 MB and a chart of 10 MB stay below 250 MiB of process memory', { timeout: 300_000 }, async () => {
  await using stack = new AsyncDisposableStack();
  const world = stack.use(await startEmbeddedCluster({ workloads: false }));
  const charts = stack.use(await serveCharts());
  const data = stack.use(await temporaryDirectory('helm-memory'));
  const watches = createWatchCache(world.cluster);
  stack.defer(() => watches.close());
  const files = Array.from({ length: 3 }, (_, index): [string, Uint8Array] => [
    `files/${index}.bin`,
    new Uint8Array(randomBytes(3.2 * mebibyte)),
  ]);
  await charts.addChart({
    ...Object.fromEntries(files),
    'Chart.yaml': 'apiVersion: v2\nname: demo\nversion: 1.0.0\n',
    'values.yaml': 'a: 1\n',
    'other.yaml': 'a: 2\n',
  });
  charts.put('index.yaml', largeIndex(49 * mebibyte));
  // From the sources, Node keeps the program that strips their types in memory as well: some 55 MiB that no user has.
  await writeBundle(root);
  const child = spawn(
    join(root, 'flux'),
    [
      ...['manager', '--controllers=source-controller', `--kubeconfig=${world.kubeconfig}`],
      ...[`--storage-path=${data.path}`, '--storage-addr=127.0.0.1:0', '--health-addr=127.0.0.1:0'],
      '--metrics-addr=127.0.0.1:0',
    ],
    { stdio: 'ignore' },
  );
  stack.defer(() => void child.kill());
  const create = (kind: { apiVersion: string; kind: string }, name: string, spec: object) =>
    world.cluster.create({ apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name, namespace }, spec });

  await create(helmRepository, 'large', { url: charts.url, interval: '1h' });
  await untilReady(watches, helmRepository, 'large');
  const chart = { interval: '1h', chart: 'demo', sourceRef: { kind: 'HelmRepository', name: 'large' } };
  await create(helmChart, 'as-it-is', chart);
  await untilReady(watches, helmChart, 'as-it-is');
  await create(helmChart, 'with-values', { ...chart, valuesFiles: ['other.yaml'] });
  await untilReady(watches, helmChart, 'with-values');

  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  const peakMiB = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  expect(peakMiB).toBeLessThan(250);
});
