import { memoryFileSystem } from '@flux/fs';
import { expect, test } from 'vitest';
import { loadChartFolder } from '../chart/load-folder.ts';
import type { ChartWarning } from '../values/warning.ts';
import { type TemplateChartOptions, templateChart, templateChartBytes } from './template-chart.ts';

const hook = (event: string) => `kind: Job\nmetadata: {annotations: {helm.sh/hook: ${event}}}\n`;
const app = {
  '/app/Chart.yaml': 'apiVersion: v2\nname: app\nversion: 1.0.0\n',
  '/app/templates/a.yaml': 'kind: A\nname: {{ .Release.Name }}\n',
  '/app/templates/b.yaml': 'kind: B\nmode: {{ .Release.IsUpgrade }}\n',
  '/app/templates/test.yaml': hook('test'),
  '/app/templates/before.yaml': hook('pre-install'),
};

async function template(options: TemplateChartOptions = {}, files: Record<string, string> = app): Promise<string> {
  return templateChart(await loadChartFolder(memoryFileSystem(files), '/app'), {}, options);
}

const sources = (text: string) => [...text.matchAll(/# Source: app\/templates\/(.*)/g)].map(([, name]) => name);

test('manifests come first, then hooks', async () => {
  expect(sources(await template())).toEqual(['a.yaml', 'b.yaml', 'before.yaml', 'test.yaml']);
  expect(sources(await template({ skipTests: true }))).toEqual(['a.yaml', 'b.yaml', 'before.yaml']);
  expect(sources(await template({ noHooks: true }))).toEqual(['a.yaml', 'b.yaml']);
});

test('crds come first when they are asked for, those of subcharts after those of the chart (HELM-LOAD-06)', async () => {
  const crds = {
    '/app/crds/c.yaml': 'kind: App\n',
    '/app/charts/sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 1.0.0\n',
    '/app/charts/sub/crds/c.yaml': 'kind: Süb\n\n',
  };
  const crdText =
    '---\n# Source: app/crds/c.yaml\nkind: App\n\n---\n# Source: app/charts/sub/crds/c.yaml\nkind: Süb\n\n\n';
  const files = { ...app, ...crds };
  const { '/app/Chart.yaml': metadata } = app;

  expect(await template({}, files)).toBe(await template());
  expect(await template({ includeCrds: true }, files)).toBe(crdText + (await template()));
  expect(await template({ includeCrds: true }, { '/app/Chart.yaml': metadata, ...crds })).toBe(`${crdText.trim()}\n`);
  const chart = await loadChartFolder(memoryFileSystem(files), '/app');
  expect(Buffer.from(await templateChartBytes(chart, {}, { includeCrds: true })).toString()).toBe(
    crdText + (await template()),
  );
});

test('the release has a name unless given one, and can be an upgrade', async () => {
  expect(await template({ noHooks: true })).toContain('name: release-name\n');
  expect(await template({ name: 'mine', isUpgrade: true })).toMatch(/name: mine[\s\S]*mode: true/);
});

test('only what was asked for is shown, in the order in which it was', async () => {
  const shown = await template({ showOnly: ['templates/t*.yaml', 'templates/a.yaml'] });

  expect(shown).toBe(
    `---\n# Source: app/templates/test.yaml\n${hook('test')}\n\n---\n# Source: app/templates/a.yaml\nkind: A\nname: release-name\n\n\n`,
  );
  await expect(template({ showOnly: ['a.yaml'] })).rejects.toThrow('could not find template a.yaml in chart');
});

test.each([
  ['type: library\n', 'library charts are not installable'],
  [
    'dependencies: [{name: db, version: 1.0.0, repository: ""}]\n',
    "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: db",
  ],
])('a chart that cannot be installed is refused: %j', async (more, message) => {
  await expect(template({}, { ...app, '/app/Chart.yaml': app['/app/Chart.yaml'] + more })).rejects.toThrow(message);
});

test.each(['', 'Big', 'a_b', 'x'.repeat(54)])('no release can be called %j (HELM-STORE-10)', async (name) => {
  await expect(template({ name })).rejects.toThrow(`release name check failed: release name ${JSON.stringify(name)}: `);
});

test.each(['1', 'abc', '01.2'])('%j is no version of Kubernetes', async (kubeVersion) => {
  await expect(template({ kubeVersion })).rejects.toThrow(`invalid kube version '${kubeVersion}': `);
});

test('a deprecated chart is told', async () => {
  const warnings: ChartWarning[] = [];
  const files = { ...app, '/app/Chart.yaml': `${app['/app/Chart.yaml']}deprecated: true\n` };

  await template({ warn: (warning) => warnings.push(warning) }, files);

  expect(warnings).toEqual([{ level: 'WARN', message: 'this chart is deprecated' }]);
});
