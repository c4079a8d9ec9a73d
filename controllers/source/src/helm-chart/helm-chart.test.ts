import type { HelmChart } from '@flux/api';
import { type ChartServer, serveCharts, startEmbeddedCluster, startGitServer } from '@flux/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { conditionTexts } from '../frame/source-cluster.suite.ts';
import { type ChartWorld, demo, fromGit, startChartWorld, valuesOf } from './chart-world.suite.ts';

let world: ChartWorld<ChartServer>;

beforeAll(async () => {
  world = await startChartWorld({
    startCluster: () => startEmbeddedCluster({ workloads: false }),
    startGitServer,
    serveCharts,
  });
});
afterAll(() => world?.[Symbol.asyncDispose]());
beforeEach(() => world.begin());

describe('a chart of a repository', () => {
  test('is stored as it was downloaded, with the conditions and events of the real controller (SRC-HCHART-02, SRC-HCHART-16, SRC-HCHART-20)', async () => {
    const archive = await world.addChart(demo('1.0.0'));
    await world.createRepository();
    await world.createChart();
    const object = await world.untilReady(world.ref(), 'True');

    const { artifact, url } = object.status!;
    const text = "pulled 'demo' chart with version '1.0.0'";
    expect(conditionTexts(object)).toEqual([
      `Ready=True/ChartPullSucceeded ${text}`,
      `ArtifactInStorage=True/ChartPullSucceeded ${text}`,
    ]);
    const place = `${world.artifactsUrl}/helmchart/${world.namespace}/demo`;
    expect([artifact!.url, url]).toEqual([`${place}/demo-1.0.0.tgz`, `${place}/latest.tar.gz`]);
    expect(new Uint8Array(await (await fetch(url!)).arrayBuffer())).toEqual(new Uint8Array(archive));
    const repository = await world.cluster.get(world.repository);
    expect(object.status).toMatchObject({
      observedChartName: 'demo',
      observedSourceArtifactRevision: repository['status'].artifact.revision,
    });
    expect(await world.events(world.ref(), 'ChartPullSucceeded')).toContain(`Normal ChartPullSucceeded ${text}`);
  });

  test('waits for the index without an error (SRC-HCHART-06)', async () => {
    await world.createRepository();
    await world.createChart();
    const waiting = await world.until(world.ref(), (object) =>
      conditionTexts(object).some((text) => text.includes('NoSource')),
    );
    await world.addChart(demo('1.0.0'));
    await world.request('one', world.repository);

    const text = "no artifact available for HelmRepository source 'charts'";
    expect(conditionTexts(waiting)).toEqual([
      'Reconciling=True/ProgressingWithRetry building artifact',
      `Ready=False/NoSourceArtifact ${text}`,
      `FetchFailed=True/NoSourceArtifact ${text}`,
    ]);
    await world.untilReady(world.ref(), 'True');
    expect(await world.events(world.ref(), 'NoSourceArtifact')).toContain(`Normal NoSourceArtifact ${text}`);
  });

  test.each([
    ['1.0.0', '1.0.0'],
    ['1.x', '1.1.0'],
    ['*', '2.0.0'],
    ['>=1.0.0-0 <2.0.0', '1.2.0-beta.1'],
  ])('the version %s is %s (SRC-HCHART-09)', async (wanted, found) => {
    for (const version of ['1.0.0', '1.1.0', '1.2.0-beta.1', '2.0.0']) await world.addChart(demo(version));
    await world.createRepository();
    await world.createChart({ version: wanted });

    expect((await world.untilReady(world.ref(), 'True')).status!.artifact!.revision).toBe(found);
  });

  test('follows a new index, and reads it once for all charts (SRC-HCHART-03, SRC-HREPO-12)', async () => {
    await world.addChart(demo('1.0.0'));
    await world.createRepository();
    await world.createChart({ version: '1.x' });
    await world.createChart({ version: '1.0.0' }, 'exact');
    await world.untilReady(world.ref(), 'True');
    await world.untilReady(world.ref('exact'), 'True');
    world.lookUps.length = 0;
    await world.addChart(demo('1.1.0'));
    await world.request('one', world.repository);
    const updated = await world.until(world.ref(), ({ status }) => status?.artifact?.revision === '1.1.0');
    const revision = (updated.status as HelmChart['status'])!.observedSourceArtifactRevision;
    await world.until(
      world.ref('exact'),
      ({ status }) => (status as HelmChart['status'])?.observedSourceArtifactRevision === revision,
    );

    expect(new Set(world.lookUps)).toEqual(new Set(['cache_hit']));
    expect(await world.events(world.ref('exact'), 'ArtifactUpToDate')).toContain(
      "Normal ArtifactUpToDate artifact up-to-date with remote revision: '1.0.0'",
    );
  });

  test('merges values files and carries the generation in its version (SRC-HCHART-15, SRC-HCHART-17)', async () => {
    await world.addChart(demo('1.0.0', { 'values-prod.yaml': 'message: prod\nlist: [3]\n' }));
    await world.createRepository();
    await world.createChart({ valuesFiles: ['values.yaml', 'values-prod.yaml'] });
    const object = await world.untilReady(world.ref(), 'True');

    const text = "packaged 'demo' chart with version '1.0.0+1' and merged values files [values.yaml values-prod.yaml]";
    expect(conditionTexts(object)[0]).toBe(`Ready=True/ChartPackageSucceeded ${text}`);
    expect(object.status!.artifact!.url).toMatch(/\/demo-1\.0\.0\+1\.tgz$/);
    expect(object.status).not.toHaveProperty('observedValuesFiles');
    const chart = await world.chartOf(object);
    expect(chart.metadata.version).toBe('1.0.0+1');
    expect(valuesOf(chart)).toBe('list:\n- 3\nmessage: prod\n');
  });

  test('leaves out values files that are not there when it may (SRC-HCHART-22)', async () => {
    await world.addChart(demo('1.0.0', { 'other.yaml': 'message: other\n' }));
    await world.createRepository();
    await world.createChart({ valuesFiles: ['other.yaml', 'gone.yaml'], ignoreMissingValuesFiles: true });
    const object = await world.untilReady(world.ref(), 'True');
    await world.request('one', world.ref());
    await world.events(world.ref(), 'ArtifactUpToDate');
    const again = await world.until(world.ref(), ({ status }) => 'lastHandledReconcileAt' in (status ?? {}));

    expect(object.status).toMatchObject({ observedValuesFiles: ['other.yaml'] });
    expect(conditionTexts(again)[0]).toContain('merged values files [other.yaml]');
  });

  test('follows a new version without a trace of the way, and leaves provenance files alone (SRC-HCHART-21, SRC-HCHART-33)', async () => {
    await world.addChart(demo('1.0.0'));
    world.charts.put(`${world.namespace}/demo-1.1.0.tgz.prov`, 'no signature at all');
    await world.createRepository();
    await world.createChart({ version: '1.x' });
    await world.untilReady(world.ref(), 'True');
    await world.addChart(demo('1.1.0'));
    await world.request('one', world.repository);
    const chart = await world.until(world.ref(), ({ status }) => status?.artifact?.revision === '1.1.0');

    const summary = "pulled 'demo' chart with version '1.1.0'";
    expect(conditionTexts(chart)).toEqual([
      `Ready=True/ChartPullSucceeded ${summary}`,
      `ArtifactInStorage=True/ChartPullSucceeded ${summary}`,
    ]);
    expect(world.charts.requests.filter(({ path }) => path.endsWith('.prov'))).toEqual([]);
  });

  test('takes values.yaml alone for no values files (SRC trap 9)', async () => {
    await world.addChart(demo('1.0.0'));
    await world.createRepository();
    await world.createChart({ valuesFiles: ['./values.yaml'] });

    expect((await world.untilReady(world.ref(), 'True')).status!.artifact!.revision).toBe('1.0.0');
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
      metadata: { name: 'login', namespace: world.namespace },
      stringData,
    });
    await world.createRepository({ url: server.url, secretRef: { name: 'login' } });
    await world.untilReady(world.repository, 'True');
    await world.createChart();
    const refused = await world.untilReady(world.ref(), 'False');
    await world.cluster.patch(world.repository, 'merge', { spec: { passCredentials: true } });
    await world.request('one', world.ref());
    const allowed = await world.untilReady(world.ref(), 'True');

    const pull = `chart pull error: failed to download chart for remote reference: failed to fetch ${other.url}/demo-1.0.0.tgz : 401 Unauthorized`;
    const text = `failed to authenticate with the Helm repository: ${pull}`;
    expect(conditionTexts(refused).slice(1)).toEqual([
      `Ready=False/Unknown unknown build error: ${text}`,
      `FetchFailed=True/Unknown unknown build error: ${text}`,
    ]);
    expect(await world.events(world.ref(), 'AuthenticationFailed')).toContain(`Warning AuthenticationFailed ${text}`);
    expect(allowed.status!.artifact!.size).toBe(archive.length);
  });
});

test('the server refuses what no chart can be (SRC-HCHART-01)', async () => {
  const verify = { provider: 'cosign' as const };
  const message = "spec.verify is only supported when spec.sourceRef.kind is 'HelmRepository'";

  await expect(world.createChart({ ...fromGit, verify })).rejects.toThrow(message);
  await expect(world.createChart({ sourceRef: { kind: 'OCIRepository', name: 'x' } })).rejects.toThrow(
    'Unsupported value',
  );
  expect((await world.createChart()).spec).toMatchObject({ version: '*', reconcileStrategy: 'ChartVersion' });
});

test('charts of the oldest versions of the API are built like new ones (SRC-VER-07)', async () => {
  await world.addChart(demo('1.0.0', { 'a.yaml': 'message: a\n' }));
  await world.createRepository();
  await world.cluster.create({
    apiVersion: 'source.toolkit.fluxcd.io/v1beta1',
    kind: 'HelmChart',
    metadata: { name: 'demo', namespace: world.namespace },
    spec: {
      interval: '1h',
      chart: 'demo',
      valuesFile: 'a.yaml',
      sourceRef: { kind: 'HelmRepository', name: 'charts' },
    },
  });

  expect(conditionTexts(await world.untilReady(world.ref(), 'True'))[0]).toContain('merged values files [a.yaml]');
});
