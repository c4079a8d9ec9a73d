import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '@flux/errors';
import { bytesOf, textOf } from '@flux/gotemplate';
import {
  type Chart,
  type ChartFile,
  type ChartMetadata,
  coalesceValues,
  readValues,
  renderFiles,
  type Values,
} from '@flux/helm';
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
  /** Where the output is no UTF-8. */
  outputB64?: string;
  outputs?: Record<string, string>;
  error?: string;
}

interface Environment {
  apiVersions: string[];
  defaultChartYaml: string;
  kubeVersionUsed: string;
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
    return { error: messageOf(error) };
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
  const output = item.outputB64 === undefined ? item.output : textOf(Buffer.from(item.outputB64, 'base64'));
  const expected = item.outputs ?? { 'tpltest/templates/t.yaml': output ?? '' };
  for (const name of new Set([...Object.keys(expected), ...Object.keys(result.outputs)])) {
    if (expected[name] !== undefined && bytesOf(expected[name]).equals(bytesOf(result.outputs[name] ?? ''))) continue;
    return `expected ${JSON.stringify(expected[name])}, got ${JSON.stringify(result.outputs[name])}`;
  }
  return undefined;
}

function chartOf(item: ChartCase, defaultChart: string, values: Values): Chart {
  const metadata = readValues(item.chart ?? defaultChart);
  const binary = Object.entries(item.filesB64 ?? {}).map(
    ([path, text]) => [path, Buffer.from(text, 'base64')] as const,
  );
  return {
    metadata: { ...metadata, name: String(metadata['name']) } as ChartMetadata,
    values,
    templates: filesOf(item.templates ?? { 'templates/t.yaml': item.template ?? '' }),
    files: [...filesOf(item.files ?? {}), ...binary.map(([name, data]) => ({ name, data }))],
    raw: [],
    dependencies: (item.subcharts ?? []).map((child) => chartOf(child, defaultChart, readValues(child.values ?? ''))),
  };
}

function filesOf(texts: Readonly<Record<string, string>>): ChartFile[] {
  return Object.entries(texts).map(([name, text]) => ({ name, data: Buffer.from(text) }));
}

function render(item: TemplateCase, { defaultChartYaml, kubeVersionUsed, apiVersions }: Environment): Result {
  const values = readValues(item.values ?? '');
  const chart = chartOf(item, defaultChartYaml, {});
  const outputs = renderFiles(chart, coalesceValues(chart, values), {
    release: { name: 'rel', namespace: 'ns1' },
    capabilities: { kubeVersion: versionFields(kubeVersionUsed), apiVersions },
    strict: item.strict ?? false,
  });
  return { outputs: Object.fromEntries(outputs) };
}

function versionFields(text: string) {
  const [major = '', minor = ''] = text.split('.');
  return { version: `v${text}`, normalized: `v${text}`, major, minor };
}
