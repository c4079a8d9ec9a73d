import { join } from 'node:path';
import { extractArchive, rootedFileSystem, type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { formatWarning, loadChart, mergeValuesFiles, renderNameTemplate, selectTag, templateChart } from '@flux/helm';
import type { ChartRenderer, ChartRequest, ChartSource } from '@flux/kustomize';
import { connectRegistry, parseChartReference, pullChart, tagToVersion } from '@flux/oci';
import { downloadChart, maxChartBytes } from './download-chart.ts';

interface HelmChartOptions {
  now: () => Date;
  onWarning: (message: string) => void;
}

/** Renders `helmCharts` of a kustomization with our own Helm; dispose it to remove the charts that were fetched. */
export function helmCharts(options: HelmChartOptions): ChartRenderer & AsyncDisposable {
  const fetched: TemporaryDirectory[] = [];
  return {
    async fetch(source) {
      const archive = source.repo.startsWith('oci://')
        ? await pullFromRegistry(source)
        : await downloadChart({ ...source, version: constraintOf(source) });
      const directory = await temporaryDirectory('chart');
      fetched.push(directory);
      await extractArchive(archive, directory.path);
      return { fs: rootedFileSystem(directory.path), path: join(directory.path, source.name) };
    },
    render: (request) => render(request, options),
    async [Symbol.asyncDispose]() {
      for (const directory of fetched.splice(0)) await directory[Symbol.asyncDispose]();
    },
  };
}

async function render(request: ChartRequest, { now, onWarning }: HelmChartOptions): Promise<string> {
  const warn = (warning: Parameters<typeof formatWarning>[0]) => onWarning(formatWarning(warning));
  const files = request.values.map((_, index) => String(index));
  const values = await mergeValuesFiles({ files }, (index) => request.values[Number(index)] ?? '');
  return templateChart(await loadChart(request.fs, request.path, { warn }), values, {
    name: releaseName(request, now()),
    ...(request.namespace === '' ? {} : { namespace: request.namespace }),
    ...(request.kubeVersion === '' ? {} : { kubeVersion: request.kubeVersion }),
    apiVersions: request.apiVersions,
    includeCrds: request.includeCrds,
    noHooks: request.skipHooks,
    skipTests: request.skipTests,
    warn,
  });
}

/** A name that is not given is generated as `helm template --generate-name` does: from the chart and the time. */
function releaseName({ name, releaseName, nameTemplate }: ChartRequest, now: Date): string {
  if (releaseName !== '') return releaseName;
  if (nameTemplate !== '') return renderNameTemplate(nameTemplate);
  return `${name}-${Math.floor(now.getTime() / 1000)}`;
}

/** Helm's `--devel`: pre-releases count as well. */
function constraintOf({ version, devel }: ChartSource): string {
  return version === '' && devel ? '>0.0.0-0' : version;
}

async function pullFromRegistry(source: ChartSource): Promise<Uint8Array> {
  const place = `${source.repo.replace(/\/$/, '')}/${source.name}`;
  const untagged = parseChartReference(place);
  await using client = connectRegistry(untagged.registry, {});
  const tags = (await client.tags(untagged)).map(tagToVersion);
  const version = selectTag(tags, constraintOf(source));
  return (await pullChart(client, parseChartReference(`${place}:${version}`), { maxBytes: maxChartBytes })).data;
}
