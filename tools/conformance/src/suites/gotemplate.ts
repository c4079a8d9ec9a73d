import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type GoMap, isGoMap, TemplateError, TemplateSet } from '@flux/gotemplate';
import { coalesceValues } from '@flux/helm';
import {
  executeErrorText,
  helmCapabilities,
  helmChart,
  helmFiles,
  helmFunctions,
  helmRelease,
  helmValues,
  includeFunctions,
  parseErrorText,
  readValues,
} from '@flux/sprig';
import { readCaseLines } from '../case-lines.ts';
import type { Outcome } from '../outcome.ts';

interface ChartCase {
  template?: string;
  templates?: Record<string, string>;
  values?: string;
  files?: Record<string, string>;
  filesB64?: Record<string, string>;
  subcharts?: ChartCase[];
  chart?: string;
}

interface TemplateCase extends ChartCase {
  id: string;
  strict?: boolean;
  output?: string;
  outputs?: Record<string, string>;
  error?: string;
}

interface Environment {
  apiVersions: string[];
  defaultChartYaml: string;
  helmVersion: { version: string; kube_client_version: string };
  kubeVersionUsed: string;
}

interface Chart {
  metadata: GoMap & { name: string };
  values: GoMap;
  templates: Record<string, string>;
  files: Record<string, Uint8Array>;
  dependencies: Chart[];
}

interface Renderable {
  text: string;
  scope: GoMap;
  basePath: string;
}

/** Renders every recorded template as Helm does and compares text or error. */
export async function run(folder: string): Promise<Outcome[]> {
  const environment = JSON.parse(await readFile(join(folder, 'ENV.json'), 'utf8')) as Environment;
  const cases = await readCaseLines<TemplateCase>(folder);
  return cases.map((item) => {
    const failure = compare(item, attempt(item, environment));
    return failure === undefined ? { id: item.id } : { id: item.id, failure };
  });
}

type Result = { outputs: Record<string, string> } | { error: string };

function attempt(item: TemplateCase, environment: Environment): Result {
  try {
    return render(item, environment);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function compare(item: TemplateCase, result: Result): string | undefined {
  const actual = 'error' in result ? result.error : undefined;
  if (item.error !== undefined) {
    return actual === item.error
      ? undefined
      : `expected error ${JSON.stringify(item.error)}, got ${JSON.stringify(result)}`;
  }
  if (!('outputs' in result))
    return `expected ${JSON.stringify(item.output ?? item.outputs)}, got error ${JSON.stringify(actual)}`;
  const expected = item.outputs ?? { 'tpltest/templates/t.yaml': item.output ?? '' };
  for (const name of new Set([...Object.keys(expected), ...Object.keys(result.outputs)])) {
    if (expected[name] === result.outputs[name]) continue;
    return `expected ${JSON.stringify(expected[name])}, got ${JSON.stringify(result.outputs[name])}`;
  }
  return undefined;
}

function loadChart(item: ChartCase, defaultChart: string, values: GoMap): Chart {
  const metadata = readValues(item.chart ?? defaultChart);
  const files: Record<string, Uint8Array> = {};
  for (const [path, text] of Object.entries(item.files ?? {})) files[path] = Buffer.from(text);
  for (const [path, text] of Object.entries(item.filesB64 ?? {})) files[path] = Buffer.from(text, 'base64');
  return {
    metadata: { ...metadata, name: String(metadata['name']) },
    values,
    templates: item.templates ?? { 'templates/t.yaml': item.template ?? '' },
    files,
    dependencies: (item.subcharts ?? []).map((child) => loadChart(child, defaultChart, readValues(child.values ?? ''))),
  };
}

function render(item: TemplateCase, environment: Environment): Result {
  let values: GoMap;
  try {
    values = readValues(item.values ?? '');
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { error: `cannot unmarshal yaml document: ${message}` };
  }
  const chart = loadChart(item, environment.defaultChartYaml, {});
  const top: GoMap = {
    Release: helmRelease({ name: 'rel', namespace: 'ns1', revision: 1, isInstall: true }),
    Capabilities: helmCapabilities({
      kubeVersion: versionFields(environment.kubeVersionUsed),
      apiVersions: environment.apiVersions,
      helmVersion: environment.helmVersion.version,
      kubeClientVersion: environment.helmVersion.kube_client_version,
    }),
    Values: helmValues(coalesceValues(chart, values)),
  };
  const templates = new Map<string, Renderable>();
  collect(chart, top, chart.metadata.name, true, templates);
  return renderAll(templates, item.strict ?? false);
}

function versionFields(text: string) {
  const [major = '', minor = ''] = text.split('.');
  return { version: `v${text}`, normalized: `v${text}`, major, minor };
}

function collect(
  chart: Chart,
  parent: GoMap,
  path: string,
  isRoot: boolean,
  templates: Map<string, Renderable>,
): GoMap {
  const parentValues = parent['Values'];
  const own = isRoot ? parentValues : isGoMap(parentValues) ? parentValues[chart.metadata.name] : undefined;
  const subcharts: GoMap = {};
  const scope = helmValues({
    Chart: helmChart(chart.metadata, isRoot),
    Files: helmFiles(chart.files),
    Release: parent['Release'],
    Capabilities: parent['Capabilities'],
    Values: isGoMap(own) ? helmValues(own) : helmValues({}),
    Subcharts: subcharts,
  });
  for (const child of chart.dependencies) {
    const { name } = child.metadata;
    subcharts[name] = collect(child, scope, `${path}/charts/${name}`, false, templates);
  }
  for (const [name, text] of Object.entries(chart.templates)) {
    if (chart.metadata['type'] === 'library' && !basename(name).startsWith('_')) continue;
    templates.set(`${path}/${name}`, { text, scope, basePath: `${path}/templates` });
  }
  return scope;
}

function renderAll(templates: ReadonlyMap<string, Renderable>, strict: boolean): Result {
  const set: TemplateSet = new TemplateSet({
    functions: { ...helmFunctions({ strict }), ...includeFunctions(() => set, strict) },
  });
  const depth = (name: string) => name.split('/').length;
  const names = [...templates.keys()].sort((a, b) => depth(b) - depth(a) || (a < b ? 1 : -1));
  for (const name of names) {
    try {
      set.parse(name, templates.get(name)?.text ?? '');
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      return { error: parseErrorText(name, error.message) };
    }
  }
  const outputs: Record<string, string> = {};
  for (const name of names.filter((candidate) => !basename(candidate).startsWith('_'))) {
    const { scope = {}, basePath } = templates.get(name) ?? {};
    scope['Template'] = helmValues({ Name: name, BasePath: basePath });
    try {
      outputs[name] = set.execute(name, scope, { missingKey: strict ? 'error' : 'zero' }).replaceAll('<no value>', '');
    } catch (error) {
      return { error: executeErrorText(name, error) };
    }
  }
  return { outputs };
}
