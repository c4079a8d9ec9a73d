import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { KubeObject } from '@flux/apimachinery';
import { rootedFileSystem, type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import {
  type Chart,
  defaultCapabilities,
  installRelease,
  loadChartFolder,
  type ReleaseContext,
  type RenderRelease,
  renderChart,
  rollbackRelease,
  testRelease,
  uninstallRelease,
  unlockRelease,
  upgradeRelease,
  type Values,
} from '@flux/helm';
import { ensureBuilt, referenceTools } from '@flux/kubernetes';
import { startRealCluster, type TestCluster } from '@flux/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { releaseContext } from './testing/release-world.ts';

const run = promisify(execFile);
const timeoutMs = 60_000;
let real: TestCluster;
let directory: TemporaryDirectory;
let binaries: Readonly<Record<string, string>>;
let chart: Chart;
let namespace = '';
let namespaces = 0;
let context: ReleaseContext & { writes: string[] };

const templates: Record<string, string> = {
  'deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }}, labels: { app: web } }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: "web:{{ .Values.tag }}"
          ports: [{ name: http, containerPort: 8080 }]
          {{- with .Values.env }}
          env: {{- toYaml . | nindent 12 }}
          {{- end }}
`,
  'service.yaml': `apiVersion: v1
kind: Service
metadata: { name: {{ .Release.Name }} }
spec: { selector: { app: web }, ports: [{ name: http, port: 80, targetPort: http }] }
`,
  'config.yaml': `apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }}-config }
data: { revision: "{{ .Release.Revision }}", text: {{ .Values.text | quote }} }
{{- if .Values.extra }}
---
apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }}-extra }
{{- end }}
`,
  'migrate.yaml': `apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-migrate
  annotations: { helm.sh/hook: "pre-install,pre-upgrade,pre-rollback", helm.sh/hook-weight: "-5" }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: migrate, image: migrate }] } } }
`,
  'test.yaml': `apiVersion: batch/v1
kind: Job
metadata: { name: {{ .Release.Name }}-test, annotations: { helm.sh/hook: test } }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: test, image: test }] } } }
`,
  'NOTES.txt': 'Thanks for {{ .Release.Name }} <{{ .Release.Revision }}>',
};

beforeAll(async () => {
  const tools = referenceTools.filter(({ name }) => name.startsWith('helm'));
  binaries = await ensureBuilt(tools);
  real = await startRealCluster();
  directory = await temporaryDirectory('real-helm');
  await mkdir(join(directory.path, 'web', 'templates'), { recursive: true });
  await writeFile(join(directory.path, 'web', 'Chart.yaml'), 'apiVersion: v2\nname: web\nversion: 1.2.3\n');
  await writeFile(join(directory.path, 'web', 'values.yaml'), 'replicas: 1\ntag: v1\ntext: a & <b>\nextra: true\n');
  for (const [name, text] of Object.entries(templates)) {
    await writeFile(join(directory.path, 'web', 'templates', name), text);
  }
  chart = await loadChartFolder(rootedFileSystem(directory.path), 'web');
});

afterAll(async () => {
  await real?.close();
  await directory?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  namespace = `helm-${++namespaces}`;
  await real.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  context = releaseContext(real.cluster, namespace);
});

const render: RenderRelease = ({ chart: source, values, release }) =>
  renderChart(source, values, { capabilities: defaultCapabilities(), release });

const install = (values: Values) =>
  installRelease(context, { name: 'web', namespace, chart, values, render, timeoutMs, waitForJobs: true });
const upgrade = (values: Values) =>
  upgradeRelease(context, { name: 'web', chart, values, render, timeoutMs, waitForJobs: true });
const rollback = (version: number) => rollbackRelease(context, { name: 'web', version, timeoutMs });

async function statuses(): Promise<string[]> {
  const history = await context.storage.history('web');
  return history.map(({ version, info }) => `${version} ${info.status} ${info.description}`);
}

function find(kind: string, name: string): Promise<KubeObject | undefined> {
  const apiVersion = kind === 'Deployment' ? 'apps/v1' : 'v1';
  return real.cluster.find({ apiVersion, kind, namespace, name });
}

/** What the Secrets hold, as parsed JSON. */
async function storedReleases(): Promise<unknown[]> {
  const { items } = await real.cluster.list({ apiVersion: 'v1', kind: 'Secret' }, { namespace });
  const secrets = items.filter((secret) => secret['type'] === 'helm.sh/release.v1');
  return secrets.map((secret) => {
    const text = Buffer.from(secret['data'].release, 'base64').toString();
    return JSON.parse(gunzipSync(Buffer.from(text, 'base64')).toString());
  });
}

function withoutTimes(release: unknown): unknown {
  const isTime = /(?:_deployed|_at|modtime)$/;
  return JSON.parse(JSON.stringify(release, (key, value) => (isTime.test(key) ? undefined : value)));
}

describe.each([
  { name: 'helm3', force: [] as string[] },
  { name: 'helm4', force: ['--force-conflicts'] },
])('the real $name', ({ name, force }) => {
  const helm = async (...args: string[]): Promise<string> => {
    const flags = ['--kubeconfig', real.kubeconfig, '--namespace', namespace];
    const { stdout } = await run(binaries[name]!, [...args, ...flags], { env: { HOME: directory.path } });
    return stdout;
  };
  const chartPath = () => join(directory.path, 'web');
  const helmStatuses = async () => {
    const history: { revision: number; status: string; description: string }[] = JSON.parse(
      await helm('history', 'web', '-o', 'json'),
    );
    return history.map(({ revision, status, description }) => `${revision} ${status} ${description}`);
  };

  test('reads, upgrades, rolls back and uninstalls a release that we installed', async () => {
    const release = await install({ text: 'x' });

    const [listed] = JSON.parse(await helm('list', '-o', 'json'));
    expect(listed).toMatchObject({ name: 'web', revision: '1', status: 'deployed', chart: 'web-1.2.3' });
    expect(await helm('get', 'manifest', 'web')).toBe(`${release.manifest}\n`);
    expect(JSON.parse(await helm('get', 'values', 'web', '-o', 'json'))).toEqual({ text: 'x' });
    expect(await helm('get', 'notes', 'web')).toContain('Thanks for web <1>');
    expect(await helm('get', 'hooks', 'web')).toContain('web-migrate');
    expect(JSON.parse(await helm('get', 'values', 'web', '--all', '-o', 'json'))).toMatchObject({ tag: 'v1' });

    await helm('upgrade', 'web', chartPath(), '--set', 'tag=v2,extra=false', '--wait', ...force);
    expect(await statuses()).toEqual(['1 superseded Install complete', '2 deployed Upgrade complete']);
    expect((await find('Deployment', 'web'))?.['spec'].template.spec.containers[0].image).toBe('web:v2');
    expect(await find('ConfigMap', 'web-extra')).toBeUndefined();

    await helm('rollback', 'web', '1', '--wait', ...force);
    expect(await helmStatuses()).toEqual(await statuses());
    expect((await find('Deployment', 'web'))?.['spec'].template.spec.containers[0].image).toBe('web:v1');

    await upgrade({ tag: 'v4' });
    await rollback(2);
    expect(await helmStatuses()).toEqual([
      '1 superseded Install complete',
      '2 superseded Upgrade complete',
      '3 superseded Rollback to 1',
      '4 superseded Upgrade complete',
      '5 deployed Rollback to 2',
    ]);
    expect((await find('Deployment', 'web'))?.['spec'].template.spec.containers[0].image).toBe('web:v2');

    await helm('uninstall', 'web', '--wait');
    expect(await context.storage.history('web')).toEqual([]);
    expect(await find('Deployment', 'web')).toBeUndefined();
  });

  test('leaves a release that we upgrade without touching a Pod, roll back, test and uninstall', async () => {
    await helm('install', 'web', chartPath(), '--set', 'text=x', '--wait');
    const before = await find('Deployment', 'web');

    const taken = await upgrade({ text: 'x' });
    expect(taken.apply_method).toBe(name === 'helm4' ? 'ssa' : 'csa');
    expect((await find('Deployment', 'web'))?.metadata).toMatchObject({
      uid: before!.metadata.uid,
      generation: before!.metadata.generation,
    });

    await upgrade({ tag: 'v3', extra: false, env: [{ name: 'A', value: '1' }] });
    await helm('upgrade', 'web', chartPath(), '--set', 'tag=v4', ...force);
    await rollback(1);
    await testRelease(context, { name: 'web', timeoutMs });
    const [container] = (await find('Deployment', 'web'))?.['spec'].template.spec.containers ?? [];
    expect(container).toMatchObject({ image: 'web:v1' });
    expect(container.env).toBeUndefined();
    expect(await find('ConfigMap', 'web-extra')).toBeDefined();
    expect(await helmStatuses()).toEqual(await statuses());
    expect(await helm('status', 'web')).toContain('Last Completed');

    await uninstallRelease(context, { name: 'web', timeoutMs });
    expect(JSON.parse(await helm('list', '--all-namespaces', '-o', 'json'))).toEqual([]);
    expect(await find('Service', 'web')).toBeUndefined();
  });

  // Helm 3 trims documents, stores empty times and knows no apply method
  if (name === 'helm4')
    test('stores the same JSON for the same release', async () => {
      await helm('install', 'web', chartPath(), '--set', 'text=x', '--description', 'Same');
      const [theirs] = await storedReleases();
      await helm('uninstall', 'web', '--wait');
      await installRelease(context, {
        name: 'web',
        namespace,
        chart,
        values: { text: 'x' },
        render,
        timeoutMs,
        description: 'Same',
      });
      const [ours] = await storedReleases();

      expect(withoutTimes(ours)).toEqual(withoutTimes(theirs));
    });

  test('is locked out by a pending release of ours and goes on after we unlocked it', async () => {
    await install({});
    const [last] = await context.storage.history('web');
    await context.storage.create({ ...last!, version: 2, info: { ...last!.info, status: 'pending-upgrade' } });

    await expect(helm('upgrade', 'web', chartPath())).rejects.toThrow(
      'another operation (install/upgrade/rollback) is in progress',
    );
    await expect(upgrade({})).rejects.toThrow('another operation (install/upgrade/rollback) is in progress');
    await unlockRelease(context, { name: 'web' });
    await helm('upgrade', 'web', chartPath(), ...force);

    expect(await statuses()).toEqual([
      '1 superseded Install complete',
      "2 failed Release unlocked from stale 'pending-upgrade' state",
      '3 deployed Upgrade complete',
    ]);
    await uninstallRelease(context, { name: 'web', timeoutMs, keepHistory: true });
    expect((await helmStatuses()).at(-1)).toBe('3 uninstalled Uninstallation complete');
    await helm('uninstall', 'web');
    expect(await context.storage.history('web')).toEqual([]);
  });
});
