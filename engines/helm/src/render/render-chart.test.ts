import { memoryFileSystem } from '@flux/fs';
import { expect, test } from 'vitest';
import { processDependencies } from '../chart/dependencies.ts';
import { loadChartFolder } from '../chart/load-folder.ts';
import { readValues } from '../values/read-values.ts';
import { defaultCapabilities } from './capabilities.ts';
import { type RenderOptions, renderChart } from './render-chart.ts';

const metadata = (name: string, more = '') => `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n${more}`;

/** Renders a chart of these files below `app`. */
async function render(texts: Record<string, string>, values = '', options: Partial<RenderOptions> = {}) {
  const files = { '/app/Chart.yaml': metadata('app'), ...prefixed(texts) };
  const chart = await loadChartFolder(memoryFileSystem(files), '/app');
  const processed = processDependencies(chart, readValues(values));
  return renderChart(processed.chart, processed.values, {
    release: { name: 'rel', namespace: 'ns' },
    capabilities: defaultCapabilities({ kubeVersion: '1.33.4-eks.1' }),
    ...options,
  });
}

function prefixed(texts: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([path, text]) => [`/app/${path}`, text]));
}

async function textOf(template: string, values = '', options: Partial<RenderOptions> = {}): Promise<string> {
  const { manifest } = await render({ 'templates/a.yaml': template }, values, options);
  return manifest.replace('---\n# Source: app/templates/a.yaml\n', '').trim();
}

test('a chart becomes manifests, hooks and notes (HELM-MAN-04, HELM-TPL-11)', async () => {
  const rendered = await render({
    'templates/a.yaml': 'kind: {{ .Values.kind }}\n',
    'templates/hook.yaml': 'metadata: {annotations: {helm.sh/hook: test}}\n',
    'templates/NOTES.txt': 'Hello {{ .Release.Name }}\n',
    'values.yaml': 'kind: A\n',
  });

  expect(rendered.manifest).toBe('---\n# Source: app/templates/a.yaml\nkind: A\n\n');
  expect(rendered.hooks).toMatchObject([{ path: 'app/templates/hook.yaml', events: ['test'] }]);
  expect(rendered.notes).toBe('Hello rel\n');
});

test('templates see release, chart and capabilities (HELM-TPL-01)', async () => {
  const template =
    'a: {{ .Release | toJson }}\nb: {{ .Chart.Name }} {{ .Chart.IsRoot }} {{ .Template.Name }} {{ .Template.BasePath }}\n' +
    'c: {{ .Capabilities.KubeVersion.Version }} {{ .Capabilities.KubeVersion }} {{ .Capabilities.KubeVersion.Minor }}';

  expect(await textOf(template, '', { release: { name: 'r', namespace: 'n', revision: 3, isUpgrade: true } })).toBe(
    'a: {"IsInstall":false,"IsUpgrade":true,"Name":"r","Namespace":"n","Revision":3,"Service":"Helm"}\n' +
      'b: app true app/templates/a.yaml app/templates\nc: v1.33.4-eks.1 v1.33.4 33',
  );
});

const withChild = {
  'charts/sub/Chart.yaml': metadata('sub'),
  'charts/sub/values.yaml': 'x: of sub\n',
  'charts/sub/templates/_t.tpl': '{{ define "name" }}child{{ end }}',
  'charts/sub/templates/s.yaml': 's: {{ include "name" . }} {{ .Values.x }} {{ .Values.global.g }}',
  'charts/sub/templates/NOTES.txt': 'of sub',
};

test('subcharts see their part of the values, definitions of the parent win (HELM-TPL-02, HELM-TPL-11, HELM-CVAL-05)', async () => {
  const files = {
    ...withChild,
    'templates/_t.tpl': '{{ define "name" }}parent{{ end }}',
    'templates/NOTES.txt': 'of app',
  };

  const { manifest, notes } = await render(files, 'global: {g: all}');

  expect(manifest).toBe('---\n# Source: app/charts/sub/templates/s.yaml\ns: parent of sub all\n');
  expect(notes).toBe('of app');
  expect((await render(files, '', { subchartNotes: true })).notes).toContain('of sub');
});

test('only partials of a library are read (HELM-CVAL-07)', async () => {
  const library = {
    ...withChild,
    'charts/sub/Chart.yaml': metadata('sub', 'type: library\n'),
    'templates/a.yaml': 'a: {{ include "name" . }}',
  };

  expect((await render(library)).manifest).toBe('---\n# Source: app/templates/a.yaml\na: child\n');
});

test('a chart for another Kubernetes is refused (HELM-LOAD-07)', async () => {
  const files = { 'Chart.yaml': metadata('app', 'kubeVersion: ">=1.40.0"\n') };

  await expect(render(files)).rejects.toThrow(
    'chart requires kubeVersion: >=1.40.0 which is incompatible with Kubernetes v1.33.4-eks.1',
  );
  const suiting = { 'Chart.yaml': metadata('app', 'kubeVersion: ">=1.33.4"\n') };
  await expect(render(suiting)).resolves.toMatchObject({ manifest: '' });
});

test('values that do not suit the schema are refused, unless that is not wanted (HELM-CVAL-06)', async () => {
  const files = { 'values.schema.json': '{"type":"object","properties":{"a":{"type":"string"}}}' };

  await expect(render(files, 'a: 1')).rejects.toThrow("values don't meet the specifications of the schema(s)");
  expect((await render(files, 'a: 1', { skipSchemaValidation: true })).manifest).toBe('');
});

test('a lookup reads the cluster, and values are fresh in every round (HELM-TPL-08)', async () => {
  const template =
    '{{ $s := lookup "v1" "Secret" "ns" "s" }}{{ $_ := set .Values "count" (add .Values.count 1) }}a: {{ $s.data }} {{ .Values.count }}';

  expect(await textOf(template, 'count: 1', { lookup: async () => ({ data: 'found' }) })).toBe('a: found 2');
  expect(await textOf(template, 'count: 1')).toBe('a:  2');
});

test('errors have the words of Helm and no value besides (HELM-TPL-03, HELM-TPL-07)', async () => {
  await expect(textOf('{{ required "give a name" .Values.name }}')).rejects.toThrow(
    'execution error at (app/templates/a.yaml:1:3): give a name',
  );
  await expect(textOf('{{ if }}')).rejects.toThrow('parse error at (app/templates/a.yaml:1): missing value for if');
  const failure = await textOf('{{ .Values.password.of.user }}', 'password: top-secret').catch(
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({
    code: 'HELM_RENDER',
    message:
      'app/templates/a.yaml:1:10\n  executing "app/templates/a.yaml" at <.Values.password.of.user>:\n    can\'t evaluate field of in type interface {}',
  });
  expect(JSON.stringify(failure)).not.toContain('top-secret');
});

test('what is missing is nothing, but has no fields outside of parentheses (HELM-TPL-03)', async () => {
  const template = 'a: [{{ .Values.x }}{{ (.Values.x).y }}{{ tpl "{{ .Values.z }}" . }}]';

  expect(await textOf(template)).toBe('a: []');
  await expect(textOf('{{ .Values.x.y }}')).rejects.toThrow('nil pointer evaluating interface {}.y');
});

test('numbers of values are floats, and their YAML is that of version 1.1 (HELM-TPL-10)', async () => {
  const values = 'big: 1000000\nlong: 12345678\nsmall: 123456\noctal: 012\nyes: on\nn: 1\n';

  expect(await textOf('a: {{ .Values.big }} {{ .Values.long }} {{ .Values.small }} {{ .Values.octal }}', values)).toBe(
    'a: 1e+06 1.2345678e+07 123456 10',
  );
  expect(await textOf('a: {{ toYaml .Values.big }} {{ .Values.true }} {{ .Values.false }}', values)).toBe(
    'a: 1000000 true 1',
  );
  await expect(textOf('{{ eq .Values.big 1000000 }}', values)).rejects.toThrow(
    'incompatible types for comparison: float64 and int',
  );
});

test('templates read the files of their own chart that have no other place (HELM-TPL-09)', async () => {
  const names = ['own.txt', 'values.yaml', 'Chart.yaml', 'templates/a.yaml', 'charts/sub/sub.txt'];
  const template = `a: ${names.map((name) => `<{{ .Files.Get "${name}" }}>`).join('')}`;
  const files = { ...withChild, 'charts/sub/sub.txt': 'sub', 'own.txt': 'own', 'values.yaml': 'global: {g: 1}\n' };

  const { manifest } = await render({ ...files, 'templates/a.yaml': template });

  expect(manifest).toContain('a: <own><><><><>\n');
});

test('a key called __proto__ is an ordinary key', async () => {
  const text = await textOf(
    'a: {{ .Values | toJson }}\nb: {{ (index .Values "__proto__").x }}\nc: {{ (dict).x }}',
    '__proto__: {x: 1}',
  );

  expect(text).toBe('a: {"__proto__":{"x":1}}\nb: 1\nc:');
  expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
});

const laughs = Array.from(
  { length: 9 },
  (_, index) => `l${index}: &l${index} [${index === 0 ? 'x' : `*l${index - 1},`.repeat(9)}]\n`,
);

test.each([
  [
    'steps of all templates together',
    '{{ range until 1000 }}{{ range until 1000 }}{{ end }}{{ end }}',
    'more than 20000 steps',
  ],
  ['output', '{{ range until 1000 }}{{ repeat 1000 "a" }}{{ end }}', 'the output is larger than 100000 bytes'],
  [
    'what variables keep',
    '{{ $l := list }}{{ range until 1000 }}{{ $l = append $l (repeat 9000 (toString .)) }}{{ end }}',
    'together longer than',
  ],
  [
    'endless recursion',
    '{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}',
    /too deeply|template depth/,
  ],
  ['huge repeats', '{{ repeat 1000000000 "ab" }}', 'would be longer than'],
  ['huge ranges', '{{ until 1000000000 }}', 'more than 1000000 numbers'],
])('a limit ends %s', async (_title, template, message) => {
  await expect(textOf(template, '', { limits: { steps: 20_000, bytes: 100_000 } })).rejects.toThrow(message);
});

test('aliases of aliases in a file are refused as YAML, patterns cannot backtrack', async () => {
  const files = { 'templates/a.yaml': 'a: {{ .Files.Get "b.yaml" | fromYaml | toJson }}', 'b.yaml': laughs.join('') };

  expect((await render(files)).manifest).toContain('document contains excessive aliasing');
  expect(await textOf('a: {{ regexMatch "(a+)+$" (print (repeat 20000 "a") "!") }}')).toBe('a: false');
});
