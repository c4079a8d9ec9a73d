import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { helmRelease, helmRepository } from '@flux/api';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { rewriterOf, startManager } from '@flux/manager';
import { silentLog } from '@flux/runtime';
import { serveCharts, startEmbeddedCluster } from '@flux/testkit';
import { parseYaml } from '@flux/yaml';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runFlux } from '../run.ts';

/** Nothing answers there: only the controllers know the way. */
const url = 'https://charts.example.invalid';
const release = (message: string, version: string) => `apiVersion: ${helmRelease.apiVersion}
kind: HelmRelease
metadata: {name: app, namespace: apps}
spec:
  interval: 1h
  chart:
    spec:
      chart: app
      version: ${version}
      valuesFiles: [values.yaml, more.yaml]
      sourceRef: {kind: HelmRepository, name: charts}
  values: {message: ${message}}
`;
const chart = {
  'Chart.yaml': 'apiVersion: v2\nname: app\nversion: 1.0.0\n',
  'values.yaml': 'message: none\nmore: none\n',
  'more.yaml': 'more: extra\n',
  'templates/config.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata:\n  message: {{ .Values.message }}\n  more: {{ .Values.more }}\n  revision: "{{ .Release.Revision }}"\n',
};
let world: Awaited<ReturnType<typeof open>>;

async function open() {
  await using stack = new AsyncDisposableStack();
  const directory: TemporaryDirectory = stack.use(await temporaryDirectory('cluster-chart'));
  const { cluster, kubeconfig } = stack.use(await startEmbeddedCluster());
  const charts = stack.adopt(await serveCharts(), (server) => server.close());
  await charts.addChart(chart);
  const manager = await startManager({
    cluster,
    log: silentLog,
    storagePath: directory.path,
    storageAddress: '127.0.0.1:0',
    rewriteUrl: rewriterOf([`${url}=${charts.url}`]),
  });
  stack.defer(() => manager.stop());
  await manager.started;
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'apps' } });
  await cluster.create({
    apiVersion: helmRepository.apiVersion,
    kind: helmRepository.kind,
    metadata: { name: 'charts', namespace: 'apps' },
    spec: { interval: '1h', url },
  });
  await cluster.create(parseYaml(release('before', '1.x'), { mode: 'sigs' }) as never);
  const ref = { apiVersion: helmRelease.apiVersion, kind: helmRelease.kind, namespace: 'apps', name: 'app' };
  const isReleased = (object: { [key: string]: unknown } | undefined) =>
    helmRelease.read(object as never).status?.history?.[0]?.status === 'deployed';
  await manager.watches.waitFor(
    ref,
    (object) => object !== undefined && isReleased(object),
    AbortSignal.timeout(60_000),
  );
  const kept = stack.move();
  return { directory, kubeconfig, charts, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

beforeEach(async () => {
  world = await open();
});

afterEach(() => world[Symbol.asyncDispose]());

async function diff(...args: string[]) {
  let output = '';
  const write = (text: string) => {
    output += text;
  };
  const common = ['-n', 'apps', '--kubeconfig', world.kubeconfig];
  const code = await runFlux({
    args: ['diff', 'hr', 'app', ...common, ...args],
    cwd: world.directory.path,
    env: {},
    stdout: write,
    stderr: write,
  });
  return { code, output };
}

test('the chart of a release in the cluster is the one that its controllers hold', async () => {
  const { code, output } = await diff();

  expect(output).toContain('data.revision\n± value change\n- 1\n+ 2\n');
  expect(output).not.toContain('data.more');
  expect(output, 'what Helm adds to an object is no difference').not.toContain('metadata');
  expect(code).toBe(1);
});

test('a release of a folder that asks for the same chart is rendered with it, as the next revision', async () => {
  await writeFile(join(world.directory.path, 'release.yaml'), release('after', '1.x'));

  const { code, output } = await diff('--path', '.');

  expect(output).toContain('data.message\n± value change\n- before\n+ after\n');
  expect(output).toContain('data.revision\n± value change\n- 1\n+ 2\n');
  expect(code).toBe(1);
});

test('a release of a folder that asks for another chart is not rendered with the one at hand', async () => {
  await writeFile(join(world.directory.path, 'release.yaml'), release('after', '2.x'));

  const { code, output } = await diff('--path', '.');

  expect(output).toContain('charts.example.invalid');
  expect(code).toBe(2);
});

test('beside the cluster of flux up another version is fetched from where its controllers fetch it', async () => {
  const { directory, charts } = world;
  await charts.addChart({
    ...chart,
    'Chart.yaml': 'apiVersion: v2\nname: app\nversion: 2.0.0\n',
    'more.yaml': 'more: two\n',
  });
  await copyFile(world.kubeconfig, join(directory.path, 'kubeconfig'));
  await writeFile(join(directory.path, 'flux.log'), '');
  const rewriteUrls = [`${url}=${charts.url}`];
  await writeFile(join(directory.path, 'runtime.json'), JSON.stringify({ apiPort: 1, gitPort: 1, rewriteUrls }));
  world.kubeconfig = join(directory.path, 'kubeconfig');
  await writeFile(join(directory.path, 'release.yaml'), release('after', '2.x'));

  const { code, output } = await diff('--path', '.');

  expect(output).toContain('data.more\n± value change\n- extra\n+ two\n');
  expect(code).toBe(1);
});
