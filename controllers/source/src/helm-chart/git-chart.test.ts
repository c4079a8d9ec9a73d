import { type ChartServer, packChart, serveCharts, startEmbeddedCluster, startGitServer } from '@flux/testkit';
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

describe('a chart in a Git repository', () => {
  const files = (version = '0.1.0', chart = 'gitdemo') => ({
    [`charts/${chart}/Chart.yaml`]: `apiVersion: v2\nname: ${chart}\nversion: ${version}\n`,
    [`charts/${chart}/values.yaml`]: 'message: base\n',
    [`charts/${chart}/templates/cm.yaml`]: 'kind: ConfigMap\n',
    'env/prod.yaml': 'message: prod\n',
  });

  test('is packaged, with values files from the root of the repository (SRC-HCHART-18)', async () => {
    await world.commit(files());
    await world.createGit();
    await world.createChart({ ...fromGit, chart: './charts/gitdemo' }, 'plain');
    await world.createChart({ ...fromGit, chart: './charts/gitdemo', valuesFiles: ['./env/prod.yaml'] }, 'merged');
    const plain = await world.untilReady(world.ref('plain'), 'True');
    const merged = await world.untilReady(world.ref('merged'), 'True');

    expect(conditionTexts(plain)[0]).toBe(
      "Ready=True/ChartPackageSucceeded packaged 'gitdemo' chart with version '0.1.0'",
    );
    expect(conditionTexts(merged)[0]).toBe(
      "Ready=True/ChartPackageSucceeded packaged 'gitdemo' chart with version '0.1.0+1' and merged values files [./env/prod.yaml]",
    );
    expect(valuesOf(await world.chartOf(merged))).toBe('message: prod\n');
  });

  test('carries the revision in its version when that is asked for, and follows it (SRC-HCHART-15)', async () => {
    const first = await world.commit(files());
    await world.createGit();
    await world.createChart({ ...fromGit, chart: 'charts/gitdemo', reconcileStrategy: 'Revision' }, 'by-revision');
    await world.createChart({ ...fromGit, chart: 'charts/gitdemo' }, 'by-version');
    const before = await world.untilReady(world.ref('by-revision'), 'True');
    await world.untilReady(world.ref('by-version'), 'True');
    const second = await world.commit({ 'README.md': 'x\n' });
    await world.request('one', world.app);
    const version = `0.1.0+${second.slice(0, 12)}`;
    await world.until(world.ref('by-revision'), ({ status }) => status?.artifact?.revision === version);

    expect(before.status!.artifact!.revision).toBe(`0.1.0+${first.slice(0, 12)}`);
    expect(await world.events(world.ref('by-version'), 'ArtifactUpToDate')).toContain(
      "Normal ArtifactUpToDate artifact up-to-date with remote revision: '0.1.0'",
    );
  });

  test('that is an archive already is taken as it is', async () => {
    const { archive } = await packChart(demo('3.0.0'));
    await world.commit({ 'README.md': 'x\n', 'demo.tgz': archive });
    await world.createGit();
    await world.createChart({ ...fromGit, chart: 'demo.tgz' });
    const object = await world.untilReady(world.ref(), 'True');

    expect(conditionTexts(object)[0]).toBe("Ready=True/ChartPullSucceeded pulled 'demo' chart with version '3.0.0'");
    expect(object.status!.artifact!.size).toBe(archive.length);
  });

  test.each([
    ['./nope', /^invalid chart reference: stat \/.*\/source\/nope: no such file or directory$/],
    ['env', /^invalid chart reference: open \/.*\/source\/env\/Chart.yaml: no such file or directory$/],
    ['env/prod.yaml', /^invalid chart reference: gzip: invalid header$/],
    ['/charts/gitdemo', /^invalid chart reference: local chart reference path is expected to be relative$/],
  ])('that is not at %s stalls (SRC-HCHART-18)', async (chart, pattern) => {
    await world.commit(files());
    await world.createGit();
    await world.untilReady(world.app, 'True');
    await world.createChart({ ...fromGit, chart });
    const object = await world.untilReady(world.ref(), 'False');

    const stalled = object.status!.conditions!.find(({ type }) => type === 'Stalled');
    expect(stalled).toMatchObject({ reason: 'InvalidChartReference', message: expect.stringMatching(pattern) });
  });

  test('a values file that is not there names its place (SRC-HCHART-18)', async () => {
    await world.commit(files());
    await world.createGit();
    await world.untilReady(world.app, 'True');
    await world.createChart({ ...fromGit, chart: 'charts/gitdemo', valuesFiles: ['./env/gone.yaml'] });
    const object = await world.untilReady(world.ref(), 'False');

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
      await world.addChart(demo('1.0.0'));
      await world.addChart(demo('1.1.0'));
      await world.commit({
        ...umbrella(
          '{name: gitdemo, version: 0.x, repository: "file://../gitdemo"}',
          `{name: demo, version: 1.x, repository: "${world.charts.url}/${world.namespace}"}`,
          `{name: demo, alias: other, version: 1.0.0, repository: "${world.charts.url}/${world.namespace}/"}`,
        ),
        ...files(),
      });
      await world.createRepository();
      await world.untilReady(world.repository, 'True');
      await world.createGit();
      await world.createChart({ ...fromGit, chart: 'charts/umbrella' });
      const chart = await world.chartOf(await world.untilReady(world.ref(), 'True'));

      const found = chart.dependencies.map(({ metadata }) => `${metadata.name} ${metadata.version}`);
      expect(found.sort()).toEqual(['demo 1.1.0', 'gitdemo 0.1.0', 'other 1.0.0']);
      expect(await world.events(world.ref(), 'ResolvedDependencies')).toContain(
        'Normal ResolvedDependencies resolved 3 chart dependencies',
      );
    });

    test('downloads the index of a repository that no object describes (SRC-HCHART-27)', async () => {
      await world.addChart(demo('1.0.0'));
      await world.commit(umbrella(`{name: demo, version: 1.x, repository: "${world.charts.url}/${world.namespace}"}`));
      await world.createGit();
      await world.createChart({ ...fromGit, chart: 'charts/umbrella' });
      const chart = await world.chartOf(await world.untilReady(world.ref(), 'True'));

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
      const url = `${world.charts.url}/${world.namespace}`;
      await world.addChart(demo('1.0.0'));
      await world.commit({ ...umbrella(dependency.replace('URL', url)), ...files() });
      await world.createGit();
      await world.untilReady(world.app, 'True');
      await world.createChart({ ...fromGit, chart: 'charts/umbrella' });
      const object = await world.untilReady(world.ref(), 'False');

      expect(conditionTexts(object)).toContain(
        `BuildFailed=True/DependencyBuildError dependency build error: ${message.replace('URL', url)}`,
      );
    });
  });
});
