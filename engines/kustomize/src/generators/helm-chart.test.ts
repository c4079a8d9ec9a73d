import { memoryFileSystem } from '@flux/fs';
import { expect, test } from 'vitest';
import { build, resourcesToObjects } from '../build.ts';
import type { ChartRenderer, ChartRequest, ChartSource } from '../loader/charts.ts';

const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: rendered\n  namespace: of-the-chart\n';

/** Renders everything to one ConfigMap and notes what it was asked. */
function recorder() {
  const requests: ChartRequest[] = [];
  const sources: ChartSource[] = [];
  const charts: ChartRenderer = {
    async fetch(source) {
      sources.push(source);
      return {
        fs: memoryFileSystem({ [`/tmp/${source.name}/values.yaml`]: 'from: repository\n' }),
        path: `/tmp/${source.name}`,
      };
    },
    async render(request) {
      requests.push(request);
      return manifest;
    },
  };
  return { charts, requests, sources };
}

const local = { '/app/charts/web/values.yaml': 'a: {b: 1, c: 2}\nd: 3\n', '/app/charts/web/Chart.yaml': 'name: web\n' };

async function render(kustomization: string, files: Record<string, string> = local, path = '/app') {
  const { charts, requests, sources } = recorder();
  const all = { '/app/kustomization.yaml': kustomization, ...files };
  const objects = resourcesToObjects(await build(memoryFileSystem(all), path, { charts }));
  return { objects, request: requests[0], requests, sources };
}

test('a chart of the chart home is rendered with its values, and keeps its namespace', async () => {
  const { objects, request, sources } = await render(
    'namespace: outer\nnamePrefix: p-\nhelmCharts:\n- {name: web, releaseName: rel, includeCRDs: true, apiVersions: [a/v1]}\n',
  );

  expect(objects).toEqual([
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'p-rendered', namespace: 'of-the-chart' } },
  ]);
  expect(request).toMatchObject({
    path: '/app/charts/web',
    releaseName: 'rel',
    namespace: 'outer',
    includeCrds: true,
    skipHooks: false,
    apiVersions: ['a/v1'],
    values: [local['/app/charts/web/values.yaml']],
  });
  expect(sources).toEqual([]);
});

test.each([
  ['override', 'a:\n  b: 9\n  c: 2\nd: 3\ne: 4\n'],
  ['merge', 'a:\n  b: 1\n  c: 2\nd: 3\ne: 4\n'],
  ['replace', 'a:\n  b: 9\ne: 4\n'],
])('inline values %s those of the values file', async (valuesMerge, merged) => {
  const { request } = await render(
    `helmCharts: [{name: web, valuesInline: {a: {b: 9}, e: 4}, valuesMerge: ${valuesMerge}}]\n`,
  );

  expect(request?.values).toEqual([merged]);
});

test('values files are read within the root, in order', async () => {
  const kustomization = 'helmCharts: [{name: web, valuesFile: own.yaml, additionalValuesFiles: [more.yaml]}]\n';

  const { request } = await render(kustomization, { ...local, '/app/own.yaml': 'x: 1\n', '/app/more.yaml': 'x: 2\n' });

  expect(request?.values).toEqual(['x: 1\n', 'x: 2\n']);
  const outside = 'helmCharts: [{name: web, additionalValuesFiles: [../secret.yaml]}]\n';
  await expect(render(outside, { ...local, '/secret.yaml': 'x: 2\n' })).rejects.toThrow("is not in or below '/app'");
});

test('a chart that is not there is fetched from its repository', async () => {
  const { request, requests, sources } = await render(
    'helmCharts: [{name: far, repo: https://charts.test, version: 1.2.3, releaseName: one}]\n',
    {},
  );

  expect(sources).toEqual([{ name: 'far', repo: 'https://charts.test', version: '1.2.3', devel: false }]);
  expect(request).toMatchObject({ path: '/tmp/far', values: ['from: repository\n'] });
  expect(requests).toHaveLength(1);
});

test('the namespace of a chart in a base is that of the nearest overlay that has one', async () => {
  const files = {
    ...local,
    '/o/kustomization.yaml': 'namespace: far\nresources: [../m]\n',
    '/m/kustomization.yaml': 'resources: [../app]\n',
  };

  const { request } = await render('helmCharts: [{name: web}]\n', files, '/o');

  expect(request?.namespace).toBe('far');
});

test.each([
  ['{releaseName: x}', 'chart name cannot be empty'],
  ['{name: -x}', `chart name must not start with '-', got "-x"`],
  ['{name: web, releaseName: --post-renderer}', `releaseName must not start with '-'`],
  ['{name: web, valuesMerge: mix}', 'valuesMerge must be one of [merge override replace]'],
  ['{name: gone}', "no repo specified for pull, no chart found at '/app/charts/gone'"],
])('helmCharts: [%s] is refused', async (chart, message) => {
  await expect(render(`helmCharts: [${chart}]\n`)).rejects.toThrow(message);
});

test('the deprecated field means the same', async () => {
  const { request } = await render(
    'helmChartInflationGenerator: [{chartName: web, releaseName: old, valuesLocal: {z: 1}, valuesMerge: replace}]\n',
  );

  expect(request).toMatchObject({ name: 'web', releaseName: 'old', values: ['z: 1\n'] });
});
