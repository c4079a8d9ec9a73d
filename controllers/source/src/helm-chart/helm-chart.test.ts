import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gitRepository, type HelmChart, helmChart, helmRepository } from '@flux/api';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { commitFiles, createBareRepository, type GitServer, serveGit } from '@flux/git';
import { type Chart, loadChartArchive } from '@flux/helm';
import { type ChartServer, packChart, serveCharts, startEmbeddedCluster } from '@flux/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  conditionTexts,
  type SourceCluster,
  startSourceCluster,
  type TestedSource,
} from '../frame/source-cluster.suite.ts';
import { gitRepositoryController } from '../git-repository/controller.ts';
import { helmRepositoryController } from '../helm-repository/controller.ts';
import { IndexCache } from '../helm-repository/index-cache.ts';
import { helmChartController } from './controller.ts';

type Files = Record<string, string>;

const demo = (version: string, more: Files = {}): Files => ({
  'Chart.yaml': `apiVersion: v2\nname: demo\nversion: ${version}\n`,
  'values.yaml': 'message: base\nlist: [1, 2]\n',
  'templates/cm.yaml': 'kind: ConfigMap\n',
  ...more,
});

let world: SourceCluster;
let charts: ChartServer;
let git: GitServer;
let directory: TemporaryDirectory;
let namespace = '';
let minute = 0;
const lookUps: string[] = [];

beforeAll(async () => {
  directory = await temporaryDirectory('helm-chart-test');
  mkdirSync(join(directory.path, 'repos'));
  git = await serveGit({ root: join(directory.path, 'repos'), host: '127.0.0.1', port: 0 });
  charts = await serveCharts();
  const indexes = new IndexCache({
    observer: { lookedUp: (event) => lookUps.push(event), forgotten: () => {} },
  });
  world = await startSourceCluster(
    () => startEmbeddedCluster({ workloads: false }),
    (storage) => [
      helmRepositoryController({ storage, indexes }),
      gitRepositoryController({ storage }),
      helmChartController({ storage, indexes, maxChartBytes: 20_000, maxFileBytes: 10_000 }),
    ],
  );
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await charts?.close();
  await git?.close();
  await directory?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  namespace = await world.namespace();
});

const ref = (name = 'demo', kind: { apiVersion: string; kind: string } = helmChart) => ({
  apiVersion: kind.apiVersion,
  kind: kind.kind,
  namespace,
  name,
});

function createRepository(spec: Record<string, unknown> = {}, name = 'charts'): Promise<unknown> {
  const url = `${charts.url}/${namespace}`;
  return world.cluster.create({
    ...ref(name, helmRepository),
    metadata: { name, namespace },
    spec: { interval: '1h', url, ...spec },
  });
}

function createChart(spec: Record<string, unknown> = {}, name = 'demo'): Promise<HelmChart> {
  return world.cluster.create({
    ...ref(name),
    metadata: { name, namespace },
    spec: {
      interval: '1h',
      chart: 'demo',
      sourceRef: { kind: 'HelmRepository', name: 'charts' },
      ...spec,
    } as HelmChart['spec'],
  });
}

async function commit(files: Record<string, string>): Promise<string> {
  const gitDir = join(directory.path, 'repos', namespace, 'app.git');
  await createBareRepository(gitDir);
  minute++;
  return commitFiles(gitDir, {
    message: `commit ${minute}`,
    author: { name: 'Golden', email: 'golden@example.com' },
    date: new Date(1767225600000 + minute * 60000),
    files,
  });
}

function createGit(): Promise<unknown> {
  return world.cluster.create({
    ...ref('app', gitRepository),
    metadata: { name: 'app', namespace },
    spec: { interval: '1h', url: `${git.url}/${namespace}/app.git`, ref: { branch: 'main' } },
  });
}

const fromGit = { sourceRef: { kind: 'GitRepository', name: 'app' } };

function request(
  token: string,
  name: string,
  kind = helmChart as { apiVersion: string; kind: string },
): Promise<unknown> {
  const patch = { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': token } } };
  return world.cluster.patch(ref(name, kind), 'merge', patch);
}

async function chartOf({ status }: TestedSource): Promise<Chart> {
  return loadChartArchive(await readFile(world.storage.localPath(status!.artifact!)));
}

const values = (chart: Chart) => Buffer.from(chart.raw.find(({ name }) => name === 'values.yaml')!.data).toString();

describe('a chart of a repository', () => {
  test('is stored as it was downloaded, with the conditions and events of the real controller (SRC-HCHART-02, SRC-HCHART-16, SRC-HCHART-20)', async () => {
    const archive = await charts.addChart(demo('1.0.0'), namespace);
    await createRepository();
    await createChart();
    const object = await world.untilReady(ref(), 'True');

    const { artifact, url } = object.status!;
    const text = "pulled 'demo' chart with version '1.0.0'";
    expect(conditionTexts(object)).toEqual([
      `Ready=True/ChartPullSucceeded ${text}`,
      `ArtifactInStorage=True/ChartPullSucceeded ${text}`,
    ]);
    const place = `${world.artifactsUrl}/helmchart/${namespace}/demo`;
    expect([artifact!.url, url]).toEqual([`${place}/demo-1.0.0.tgz`, `${place}/latest.tar.gz`]);
    expect(new Uint8Array(await (await fetch(url!)).arrayBuffer())).toEqual(new Uint8Array(archive));
    const repository = await world.cluster.get(ref('charts', helmRepository));
    expect(object.status).toMatchObject({
      observedChartName: 'demo',
      observedSourceArtifactRevision: repository['status'].artifact.revision,
    });
    expect(await world.events(ref(), 'ChartPullSucceeded')).toContain(`Normal ChartPullSucceeded ${text}`);
  });

  test('waits for the index without an error (SRC-HCHART-06)', async () => {
    await createRepository();
    await createChart();
    const waiting = await world.until(ref(), (object) =>
      conditionTexts(object).some((text) => text.includes('NoSource')),
    );
    await charts.addChart(demo('1.0.0'), namespace);
    await request('one', 'charts', helmRepository);

    const text = "no artifact available for HelmRepository source 'charts'";
    expect(conditionTexts(waiting)).toEqual([
      'Reconciling=True/ProgressingWithRetry building artifact',
      `Ready=False/NoSourceArtifact ${text}`,
      `FetchFailed=True/NoSourceArtifact ${text}`,
    ]);
    await world.untilReady(ref(), 'True');
    expect(await world.events(ref(), 'NoSourceArtifact')).toContain(`Normal NoSourceArtifact ${text}`);
  });

  test.each([
    ['1.0.0', '1.0.0'],
    ['1.x', '1.1.0'],
    ['*', '2.0.0'],
    ['>=1.0.0-0 <2.0.0', '1.2.0-beta.1'],
  ])('the version %s is %s (SRC-HCHART-09)', async (wanted, found) => {
    for (const version of ['1.0.0', '1.1.0', '1.2.0-beta.1', '2.0.0']) await charts.addChart(demo(version), namespace);
    await createRepository();
    await createChart({ version: wanted });

    expect((await world.untilReady(ref(), 'True')).status!.artifact!.revision).toBe(found);
  });

  test('follows a new index, and reads it once for all charts (SRC-HCHART-03, SRC-HREPO-12)', async () => {
    await charts.addChart(demo('1.0.0'), namespace);
    await createRepository();
    await createChart({ version: '1.x' });
    await createChart({ version: '1.0.0' }, 'exact');
    await world.untilReady(ref(), 'True');
    await world.untilReady(ref('exact'), 'True');
    lookUps.length = 0;
    await charts.addChart(demo('1.1.0'), namespace);
    await request('one', 'charts', helmRepository);
    const updated = await world.until(ref(), ({ status }) => status?.artifact?.revision === '1.1.0');
    const revision = (updated.status as HelmChart['status'])!.observedSourceArtifactRevision;
    await world.until(
      ref('exact'),
      ({ status }) => (status as HelmChart['status'])?.observedSourceArtifactRevision === revision,
    );

    expect(new Set(lookUps)).toEqual(new Set(['cache_hit']));
    expect(await world.events(ref('exact'), 'ArtifactUpToDate')).toContain(
      "Normal ArtifactUpToDate artifact up-to-date with remote revision: '1.0.0'",
    );
  });

  test('merges values files and carries the generation in its version (SRC-HCHART-15, SRC-HCHART-17)', async () => {
    await charts.addChart(demo('1.0.0', { 'values-prod.yaml': 'message: prod\nlist: [3]\n' }), namespace);
    await createRepository();
    await createChart({ valuesFiles: ['values.yaml', 'values-prod.yaml'] });
    const object = await world.untilReady(ref(), 'True');

    const text = "packaged 'demo' chart with version '1.0.0+1' and merged values files [values.yaml values-prod.yaml]";
    expect(conditionTexts(object)[0]).toBe(`Ready=True/ChartPackageSucceeded ${text}`);
    expect(object.status!.artifact!.url).toMatch(/\/demo-1\.0\.0\+1\.tgz$/);
    expect(object.status).not.toHaveProperty('observedValuesFiles');
    const chart = await chartOf(object);
    expect(chart.metadata.version).toBe('1.0.0+1');
    expect(values(chart)).toBe('list:\n- 3\nmessage: prod\n');
  });

  test('leaves out values files that are not there when it may (SRC-HCHART-22)', async () => {
    await charts.addChart(demo('1.0.0', { 'other.yaml': 'message: other\n' }), namespace);
    await createRepository();
    await createChart({ valuesFiles: ['other.yaml', 'gone.yaml'], ignoreMissingValuesFiles: true });
    const object = await world.untilReady(ref(), 'True');
    await request('one', 'demo');
    await world.events(ref(), 'ArtifactUpToDate');
    const again = await world.until(ref(), ({ status }) => 'lastHandledReconcileAt' in (status ?? {}));

    expect(object.status).toMatchObject({ observedValuesFiles: ['other.yaml'] });
    expect(conditionTexts(again)[0]).toContain('merged values files [other.yaml]');
  });

  test('tells of a new chart before it is stored, and leaves provenance files alone (SRC-HCHART-21, SRC-HCHART-33)', async () => {
    await charts.addChart(demo('1.0.0'), namespace);
    charts.put(`${namespace}/demo-1.1.0.tgz.prov`, 'no signature at all');
    await createRepository();
    await createChart({ version: '1.x' });
    await world.untilReady(ref(), 'True');
    const seen: string[] = [];
    using view = world.watches.view({ apiVersion: helmChart.apiVersion, kind: helmChart.kind });
    using _ = view.subscribe(({ after }) => void seen.push(...conditionTexts(after as TestedSource)));
    await charts.addChart(demo('1.1.0'), namespace);
    await request('one', 'charts', helmRepository);
    await world.until(ref(), ({ status }) => status?.artifact?.revision === '1.1.0');

    const summary = "pulled 'demo' chart with version '1.1.0'";
    expect(seen).toContain(`ArtifactOutdated=True/NewChart ${summary}`);
    expect(seen).toContain(`Ready=Unknown/Progressing building artifact: ${summary}`);
    expect(charts.requests.filter(({ path }) => path.endsWith('.prov'))).toEqual([]);
  });

  test('takes values.yaml alone for no values files (SRC trap 9)', async () => {
    await charts.addChart(demo('1.0.0'), namespace);
    await createRepository();
    await createChart({ valuesFiles: ['./values.yaml'] });

    expect((await world.untilReady(ref(), 'True')).status!.artifact!.revision).toBe('1.0.0');
  });

  test('passes credentials on only when it may (SRC-HREPO-06)', async () => {
    const auth = { username: 'user', password: 'pass' };
    await using other = await serveCharts({ auth });
    const archive = await other.addChart(demo('1.0.0'));
    await using server = await serveCharts({ auth });
    await server.addChart(demo('1.0.0'));
    const index = `apiVersion: v1\nentries:\n  demo:\n  - {name: demo, version: 1.0.0, apiVersion: v2, urls: ["${other.url}/demo-1.0.0.tgz"]}\n`;
    server.put('index.yaml', index);
    const stringData = auth;
    await world.cluster.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'login', namespace },
      stringData,
    });
    await createRepository({ url: server.url, secretRef: { name: 'login' } });
    await world.untilReady(ref('charts', helmRepository), 'True');
    await createChart();
    const refused = await world.untilReady(ref(), 'False');
    await world.cluster.patch(ref('charts', helmRepository), 'merge', { spec: { passCredentials: true } });
    await request('one', 'demo');
    const allowed = await world.untilReady(ref(), 'True');

    const pull = `chart pull error: failed to download chart for remote reference: failed to fetch ${other.url}/demo-1.0.0.tgz : 401 Unauthorized`;
    const text = `failed to authenticate with the Helm repository: ${pull}`;
    expect(conditionTexts(refused).slice(1)).toEqual([
      `Ready=False/Unknown unknown build error: ${text}`,
      `FetchFailed=True/Unknown unknown build error: ${text}`,
    ]);
    expect(await world.events(ref(), 'AuthenticationFailed')).toContain(`Warning AuthenticationFailed ${text}`);
    expect(allowed.status!.artifact!.size).toBe(archive.length);
  });
});

describe('failures of charts of a repository', () => {
  const reference = 'invalid chart reference: ';
  const remote = `${reference}failed to get chart version for remote reference: `;

  test.each([
    ['an unknown chart', { chart: 'gone' }, 'InvalidChartReference', `${remote}no chart name found`],
    [
      'a version that is not there',
      { version: '>=3' },
      'InvalidChartReference',
      `${remote}no 'demo' chart with version matching '>=3' found`,
    ],
    ['a bad range', { version: 'zz' }, 'InvalidChartReference', `${remote}improper constraint: "zz"`],
    [
      'a bad name',
      { chart: 'Demo' },
      'InvalidChartReference',
      `${reference}invalid chart name 'Demo': a valid name must be lower case letters and numbers and MAY be separated with dashes (-), slashes (/) or periods (.)`,
    ],
    [
      'a missing values file',
      { valuesFiles: ['values.yaml', 'nope.yaml'] },
      'ValuesFilesError',
      "values files merge error: failed to merge chart values: no values file found at path 'nope.yaml'",
    ],
  ])(
    '%s stalls until the index or the spec changes (SRC-HCHART-07, SRC-HCHART-08, SRC-HCHART-09, SRC-HCHART-30)',
    async (_, spec, reason, text) => {
      await charts.addChart(demo('1.0.0'), namespace);
      await createRepository();
      await world.untilReady(ref('charts', helmRepository), 'True');
      await createChart(spec);
      const object = await world.untilReady(ref(), 'False');

      const type = reason === 'ValuesFilesError' ? 'BuildFailed' : 'FetchFailed';
      expect(conditionTexts(object)).toEqual([
        `Stalled=True/${reason} ${text}`,
        `Ready=False/${reason} ${text}`,
        `${type}=True/${reason} ${text}`,
      ]);
      const repository = await world.cluster.get(ref('charts', helmRepository));
      expect(object.status).toMatchObject({
        observedGeneration: 1,
        observedSourceArtifactRevision: repository['status'].artifact.revision,
      });
      expect(await world.events(ref(), reason)).toContain(`Warning ${reason} ${text}`);
    },
  );

  test('a missing source is named and tried again (SRC-HCHART-05)', async () => {
    await createChart();
    const object = await world.untilReady(ref(), 'False');

    const text = 'failed to get source: HelmRepository.source.toolkit.fluxcd.io "charts" not found';
    expect(conditionTexts(object)).toEqual([
      'Reconciling=True/ProgressingWithRetry building artifact',
      `Ready=False/SourceUnavailable ${text}`,
      `FetchFailed=True/SourceUnavailable ${text}`,
    ]);
  });

  test('a Bucket is refused clearly', async () => {
    await createChart({ sourceRef: { kind: 'Bucket', name: 'b' } });
    const object = await world.untilReady(ref(), 'False');

    expect(conditionTexts(object)[0]).toBe(
      'Stalled=True/UnsupportedSourceKind failed to get source: a Bucket as source is not supported by this version of source-controller',
    );
  });

  test.each([
    ['https://charts.test', 'Failed', 'failed to construct Helm client: invalid OCI registry URL: https://charts.test'],
    ['https://[bad', 'URLInvalid', 'invalid Helm repository URL: parse "https://[bad": invalid URL'],
  ])('the address %s of a registry stalls (SRC-HCHART-13)', async (url, reason, text) => {
    await createRepository({ type: 'oci', url });
    await createChart();
    const object = await world.untilReady(ref(), 'False');

    expect(conditionTexts(object)).toEqual([
      `Stalled=True/${reason} ${text}`,
      `Ready=False/Unknown unknown build error: ${text}`,
      `FetchFailed=True/Unknown unknown build error: ${text}`,
    ]);
  });

  test('a chart that cannot be stored keeps what there is, and is tried again (SRC-HCHART-34)', async () => {
    await charts.addChart(demo('1.0.0'), namespace);
    mkdirSync(join(world.storage.root, 'helmchart', namespace, 'demo', 'demo-1.0.0.tgz'), { recursive: true });
    await createRepository();
    await world.untilReady(ref('charts', helmRepository), 'True');
    await createChart();
    const object = await world.untilReady(ref(), 'False');

    expect(conditionTexts(object).join('\n')).toMatch(
      /\nStorageOperationFailed=True\/ArchiveOperationFailed unable to copy Helm chart to storage: /,
    );
    expect(object.status!.artifact).toBeUndefined();
  });

  test('a missing Secret of the repository is told with the reason of the event, the condition says unknown (SRC-HCHART-14)', async () => {
    await charts.addChart(demo('1.0.0'), namespace);
    await createRepository();
    await world.untilReady(ref('charts', helmRepository), 'True');
    await world.cluster.patch(ref('charts', helmRepository), 'merge', { spec: { secretRef: { name: 'gone' } } });
    await createChart();
    const object = await world.untilReady(ref(), 'False');

    const text = `failed to get authentication secret '${namespace}/gone': secrets "gone" not found`;
    expect(conditionTexts(object)).toContain(`FetchFailed=True/Unknown unknown build error: ${text}`);
    expect(await world.events(ref(), 'AuthenticationFailed')).toContain(`Warning AuthenticationFailed ${text}`);
  });

  test('verification of a chart of an index is not implemented, as in Flux (SRC-HCHART-32)', async () => {
    await charts.addChart(demo('1.0.0'), namespace);
    await createRepository();
    await world.untilReady(ref('charts', helmRepository), 'True');
    await createChart({ verify: { provider: 'cosign' } });
    const object = await world.untilReady(ref(), 'False');

    const text = 'chart verification error: not implemented';
    expect(conditionTexts(object).slice(1)).toEqual([
      `Ready=False/VerificationError ${text}`,
      `BuildFailed=True/ChartVerificationError ${text}`,
      `SourceVerified=False/VerificationError ${text}`,
    ]);
  });

  test.each([
    ['no archive at all', 'hello', 'failed to load chart metadata from written chart: gzip: invalid header'],
    [
      'too large',
      'x'.repeat(20_001),
      "failed to download chart for remote reference: size of chart 'URL' exceeds '20000' bytes limit",
    ],
  ])('a download that is %s is a pull error (SRC-HCHART-11)', async (_, content, message) => {
    await charts.addChart(demo('1.0.0'), namespace);
    charts.put(`${namespace}/demo-1.0.0.tgz`, content);
    await createRepository();
    await world.untilReady(ref('charts', helmRepository), 'True');
    await createChart();
    const object = await world.untilReady(ref(), 'False');

    const text = message.replace('URL', `${charts.url}/${namespace}/demo-1.0.0.tgz`);
    expect(conditionTexts(object)).toContain(`FetchFailed=True/ChartPullError chart pull error: ${text}`);
  });
});

describe('a chart in a Git repository', () => {
  const files = (version = '0.1.0', chart = 'gitdemo') => ({
    [`charts/${chart}/Chart.yaml`]: `apiVersion: v2\nname: ${chart}\nversion: ${version}\n`,
    [`charts/${chart}/values.yaml`]: 'message: base\n',
    [`charts/${chart}/templates/cm.yaml`]: 'kind: ConfigMap\n',
    'env/prod.yaml': 'message: prod\n',
  });

  test('is packaged, with values files from the root of the repository (SRC-HCHART-18)', async () => {
    await commit(files());
    await createGit();
    await createChart({ ...fromGit, chart: './charts/gitdemo' }, 'plain');
    await createChart({ ...fromGit, chart: './charts/gitdemo', valuesFiles: ['./env/prod.yaml'] }, 'merged');
    const plain = await world.untilReady(ref('plain'), 'True');
    const merged = await world.untilReady(ref('merged'), 'True');

    expect(conditionTexts(plain)[0]).toBe(
      "Ready=True/ChartPackageSucceeded packaged 'gitdemo' chart with version '0.1.0'",
    );
    expect(conditionTexts(merged)[0]).toBe(
      "Ready=True/ChartPackageSucceeded packaged 'gitdemo' chart with version '0.1.0+1' and merged values files [./env/prod.yaml]",
    );
    expect(values(await chartOf(merged))).toBe('message: prod\n');
  });

  test('carries the revision in its version when that is asked for, and follows it (SRC-HCHART-15)', async () => {
    const first = await commit(files());
    await createGit();
    await createChart({ ...fromGit, chart: 'charts/gitdemo', reconcileStrategy: 'Revision' }, 'by-revision');
    await createChart({ ...fromGit, chart: 'charts/gitdemo' }, 'by-version');
    const before = await world.untilReady(ref('by-revision'), 'True');
    await world.untilReady(ref('by-version'), 'True');
    const second = await commit({ 'README.md': 'x\n' });
    await request('one', 'app', gitRepository);
    const version = `0.1.0+${second.slice(0, 12)}`;
    await world.until(ref('by-revision'), ({ status }) => status?.artifact?.revision === version);

    expect(before.status!.artifact!.revision).toBe(`0.1.0+${first.slice(0, 12)}`);
    expect(await world.events(ref('by-version'), 'ArtifactUpToDate')).toContain(
      "Normal ArtifactUpToDate artifact up-to-date with remote revision: '0.1.0'",
    );
  });

  test('that is an archive already is taken as it is', async () => {
    const { archive } = await packChart(demo('3.0.0'));
    const gitDir = join(directory.path, 'repos', namespace, 'app.git');
    await createBareRepository(gitDir);
    await commit({ 'README.md': 'x\n' });
    await commitArchive(gitDir, archive);
    await createGit();
    await createChart({ ...fromGit, chart: 'demo.tgz' });
    const object = await world.untilReady(ref(), 'True');

    expect(conditionTexts(object)[0]).toBe("Ready=True/ChartPullSucceeded pulled 'demo' chart with version '3.0.0'");
    expect(object.status!.artifact!.size).toBe(archive.length);
  });

  test.each([
    ['./nope', /^invalid chart reference: stat \/.*\/source\/nope: no such file or directory$/],
    ['env', /^invalid chart reference: open \/.*\/source\/env\/Chart.yaml: no such file or directory$/],
    ['env/prod.yaml', /^invalid chart reference: gzip: invalid header$/],
    ['/charts/gitdemo', /^invalid chart reference: local chart reference path is expected to be relative$/],
  ])('that is not at %s stalls (SRC-HCHART-18)', async (chart, pattern) => {
    await commit(files());
    await createGit();
    await world.untilReady(ref('app', gitRepository), 'True');
    await createChart({ ...fromGit, chart });
    const object = await world.untilReady(ref(), 'False');

    const stalled = object.status!.conditions!.find(({ type }) => type === 'Stalled');
    expect(stalled).toMatchObject({ reason: 'InvalidChartReference', message: expect.stringMatching(pattern) });
  });

  test('a values file that is not there names its place (SRC-HCHART-18)', async () => {
    await commit(files());
    await createGit();
    await world.untilReady(ref('app', gitRepository), 'True');
    await createChart({ ...fromGit, chart: 'charts/gitdemo', valuesFiles: ['./env/gone.yaml'] });
    const object = await world.untilReady(ref(), 'False');

    expect(conditionTexts(object)[0]).toBe(
      "Stalled=True/ValuesFilesError values files merge error: no values file found at path '/env/gone.yaml' (reference './env/gone.yaml')",
    );
  });

  describe('with dependencies', () => {
    const umbrella = (...dependencies: string[]) => ({
      'charts/umbrella/Chart.yaml': `apiVersion: v2\nname: umbrella\nversion: 1.0.0\ndependencies:\n${dependencies.map((text) => `- ${text}\n`).join('')}`,
      'charts/umbrella/values.yaml': '{}\n',
    });

    test('gets local and remote ones, with the index of a HelmRepository of the namespace (SRC-HCHART-25, SRC-HCHART-26, SRC-HCHART-27)', async () => {
      await charts.addChart(demo('1.0.0'), namespace);
      await charts.addChart(demo('1.1.0'), namespace);
      await commit({
        ...umbrella(
          '{name: gitdemo, version: 0.x, repository: "file://../gitdemo"}',
          `{name: demo, version: 1.x, repository: "${charts.url}/${namespace}"}`,
          `{name: demo, alias: other, version: 1.0.0, repository: "${charts.url}/${namespace}/"}`,
        ),
        ...files(),
      });
      await createRepository();
      await world.untilReady(ref('charts', helmRepository), 'True');
      await createGit();
      await createChart({ ...fromGit, chart: 'charts/umbrella' });
      const chart = await chartOf(await world.untilReady(ref(), 'True'));

      const found = chart.dependencies.map(({ metadata }) => `${metadata.name} ${metadata.version}`);
      expect(found.sort()).toEqual(['demo 1.1.0', 'gitdemo 0.1.0', 'other 1.0.0']);
      expect(await world.events(ref(), 'ResolvedDependencies')).toContain(
        'Normal ResolvedDependencies resolved 3 chart dependencies',
      );
    });

    test('downloads the index of a repository that no object describes (SRC-HCHART-27)', async () => {
      await charts.addChart(demo('1.0.0'), namespace);
      await commit(umbrella(`{name: demo, version: 1.x, repository: "${charts.url}/${namespace}"}`));
      await createGit();
      await createChart({ ...fromGit, chart: 'charts/umbrella' });
      const chart = await chartOf(await world.untilReady(ref(), 'True'));

      expect(chart.dependencies.map(({ metadata }) => metadata.version)).toEqual(['1.0.0']);
    });

    test.each([
      [
        '{name: gone, version: 1.x, repository: "file://../gone"}',
        "failed to add local dependency 'gone': no chart found at '/charts/gone' (reference 'file://../gone')",
      ],
      [
        '{name: secret, version: 1.x, repository: "file://../../../../../etc"}',
        "failed to add local dependency 'secret': no chart found at '/etc' (reference 'file://../../../../../etc')",
      ],
      [
        '{name: gitdemo, version: 9.x, repository: "file://../gitdemo"}',
        "failed to add local dependency 'gitdemo': can't get a valid version for constraint '9.x'",
      ],
      [
        '{name: demo, version: 1.x, repository: "@alias"}',
        "failed to add remote dependency 'demo': aliased repository dependency is not supported",
      ],
      [
        '{name: demo, version: 9.x, repository: "URL"}',
        "failed to add remote dependency 'demo': failed to get chart 'demo' version '9.x' from 'URL': no 'demo' chart with version matching '9.x' found",
      ],
    ])('says which one is missing: %s (SRC-HCHART-28)', async (dependency, message) => {
      const url = `${charts.url}/${namespace}`;
      await charts.addChart(demo('1.0.0'), namespace);
      await commit({ ...umbrella(dependency.replace('URL', url)), ...files() });
      await createGit();
      await world.untilReady(ref('app', gitRepository), 'True');
      await createChart({ ...fromGit, chart: 'charts/umbrella' });
      const object = await world.untilReady(ref(), 'False');

      expect(conditionTexts(object)).toContain(
        `BuildFailed=True/DependencyBuildError dependency build error: ${message.replace('URL', url)}`,
      );
    });
  });

  async function commitArchive(gitDir: string, archive: Uint8Array): Promise<void> {
    const { execFileSync } = await import('node:child_process');
    const { writeFileSync } = await import('node:fs');
    const work = join(directory.path, `work-${namespace}`);
    execFileSync('git', ['clone', '-q', gitDir, work]);
    writeFileSync(join(work, 'demo.tgz'), archive);
    const options = { cwd: work };
    execFileSync('git', ['add', '.'], options);
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@test', 'commit', '-qm', 'chart'], options);
    execFileSync('git', ['push', '-q', 'origin', 'HEAD:main'], options);
  }
});

test('the server refuses what no chart can be (SRC-HCHART-01)', async () => {
  const verify = { provider: 'cosign' as const };
  const message = "spec.verify is only supported when spec.sourceRef.kind is 'HelmRepository'";

  await expect(createChart({ ...fromGit, verify })).rejects.toThrow(message);
  await expect(createChart({ sourceRef: { kind: 'OCIRepository', name: 'x' } })).rejects.toThrow('Unsupported value');
  expect((await createChart()).spec).toMatchObject({ version: '*', reconcileStrategy: 'ChartVersion' });
});

test('charts of the oldest versions of the API are built like new ones (SRC-VER-07)', async () => {
  await charts.addChart(demo('1.0.0', { 'a.yaml': 'message: a\n' }), namespace);
  await createRepository();
  await world.cluster.create({
    apiVersion: 'source.toolkit.fluxcd.io/v1beta1',
    kind: 'HelmChart',
    metadata: { name: 'demo', namespace },
    spec: {
      interval: '1h',
      chart: 'demo',
      valuesFile: 'a.yaml',
      sourceRef: { kind: 'HelmRepository', name: 'charts' },
    },
  });

  expect(conditionTexts(await world.untilReady(ref(), 'True'))[0]).toContain('merged values files [a.yaml]');
});
