import { isAbsolute, resolve } from 'node:path';
import type { HelmRelease, HelmRepository } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import { rootedFileSystem } from '@flux/fs';
import { type Chart, loadChart, loadChartArchive } from '@flux/helm';
import { downloadChart } from '../build/download-chart.ts';
import { parseLocalSources } from '../build/local-sources.ts';
import { UsageError } from '../command/errors.ts';
import type { Context } from '../context.ts';
import { type ChartTemplate, sourceOfTemplate } from './chart-template.ts';
import { chartOfCluster } from './cluster-chart.ts';
import type { ReleaseFlags } from './flags.ts';
import { localRewriter } from './local-rewriter.ts';
import type { ReleaseSource } from './release-source.ts';
import { withValuesFiles } from './values-files.ts';

/** The chart of a HelmRelease: what `--chart` names, a local source, what the cluster holds, or its repository on the network. */
export async function findChart(
  context: Context,
  source: ReleaseSource,
  object: HelmRelease,
  flags: Pick<ReleaseFlags, 'chart' | 'local-sources'>,
): Promise<Chart> {
  if (flags.chart !== '') return loadLocal(resolve(context.cwd, flags.chart), flags.chart);
  const template = object.spec.chart?.spec;
  if (template) return chartOfTemplate(context, source, { object, template }, flags['local-sources']);
  const held = await chartOfCluster(source, object, context.signal);
  if (held) return held;
  const { kind, name } = object.spec.chartRef ?? { kind: '', name: '' };
  throw new UsageError(`spec.chartRef names ${kind}/${name}, whose chart is not at hand: name it with --chart`);
}

async function chartOfTemplate(
  context: Context,
  source: ReleaseSource,
  { object, template }: { object: HelmRelease; template: ChartTemplate },
  localSources: readonly string[],
): Promise<Chart> {
  const ref = sourceOfTemplate(object, template);
  const subject = `${ref.kind}/${ref.namespace}/${ref.name}`;
  const isRepository = ref.kind === 'HelmRepository';
  const root =
    parseLocalSources(localSources, context.cwd).get(subject) ?? (isRepository ? undefined : source.folder?.path);
  if (root !== undefined) return withValuesFiles(await loadFrom(root, template), template, root);
  const held = await chartOfCluster(source, object, context.signal);
  if (held) return held;
  if (!isRepository) {
    throw new UsageError(`the chart is in ${subject}: name its folder with --local-sources or --chart`);
  }
  const repository = source.folder?.find(ref) ?? (await source.cluster?.find(ref));
  if (!repository) throw new UsageError(`${subject} not found: name the chart with --chart`);
  const rewrite = source.cluster ? await localRewriter(context) : undefined;
  return withValuesFiles(await fetchChart(repository, template, { rewrite, signal: context.signal }), template);
}

async function loadLocal(path: string, typed: string): Promise<Chart> {
  const fs = rootedFileSystem('/');
  if (!fs.isFile(path) && !fs.isDirectory(path)) throw new UsageError(`chart ${JSON.stringify(typed)} not found`);
  return loadChart(fs, path);
}

/** The path of a chart stays inside of its source. */
async function loadFrom(root: string, { chart }: ChartTemplate): Promise<Chart> {
  const fs = rootedFileSystem(root);
  const path = resolve(root, isAbsolute(chart) ? `.${chart}` : chart);
  if (!fs.isFile(path) && !fs.isDirectory(path))
    throw new UsageError(`chart ${JSON.stringify(chart)} not found in ${root}`);
  return loadChart(fs, path);
}

async function fetchChart(
  repository: KubeObject,
  template: ChartTemplate,
  options: { rewrite: ((url: string) => string) | undefined; signal: AbortSignal },
): Promise<Chart> {
  const { url, type, secretRef } = (repository as HelmRepository).spec;
  const subject = `HelmRepository/${repository.metadata.namespace}/${repository.metadata.name}`;
  if (type === 'oci' || url.startsWith('oci://')) {
    throw new UsageError(`${subject} is a registry: pull the chart and name it with --chart`);
  }
  if (secretRef) throw new UsageError(`${subject} needs credentials: fetch the chart and name it with --chart`);
  const wanted = { repo: url, name: template.chart, version: template.version ?? '*' };
  const { rewrite, signal } = options;
  return loadChartArchive(await downloadChart(wanted, { signal, ...(rewrite ? { rewrite } : {}) }));
}
