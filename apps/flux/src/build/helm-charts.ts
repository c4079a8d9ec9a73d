import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { extractArchive, rootedFileSystem, type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import {
  ChartUrlError,
  chartUrl,
  formatWarning,
  indexUrl,
  loadChart,
  loadRepositoryIndex,
  mergeValuesFiles,
  renderNameTemplate,
  selectChartVersion,
  selectTag,
  templateChart,
} from '@flux/helm';
import { createHttpClient, DownloadError } from '@flux/http';
import type { ChartRenderer, ChartRequest, ChartSource } from '@flux/kustomize';
import { connectRegistry, parseChartReference, pullChart, tagToVersion } from '@flux/oci';

interface HelmChartOptions {
  now: () => Date;
  onWarning: (message: string) => void;
}

const timeoutMs = 60_000;
const maxIndexBytes = 50 * 1024 * 1024;
const maxChartBytes = 10 * 1024 * 1024;

/** Renders `helmCharts` of a kustomization with our own Helm; dispose it to remove the charts that were fetched. */
export function helmCharts(options: HelmChartOptions): ChartRenderer & AsyncDisposable {
  const fetched: TemporaryDirectory[] = [];
  return {
    async fetch(source) {
      const archive = source.repo.startsWith('oci://') ? await pullFromRegistry(source) : await download(source);
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

async function download(source: ChartSource): Promise<Uint8Array> {
  await using client = createHttpClient();
  const get = async (url: string, maxBytes: number) => {
    const response = await client.bytes(url, { timeoutMs, maxBytes });
    if (response.status === 200) return response.body;
    throw new DownloadError(`failed to fetch ${url} : ${response.status} ${response.statusText}`);
  };
  const index = await loadRepositoryIndex(await get(indexUrl(source.repo), maxIndexBytes), { maxBytes: maxIndexBytes });
  const entry = selectChartVersion(index, source.name, constraintOf(source));
  const url = chartUrl(entry, source.repo);
  const archive = await get(url, maxChartBytes);
  const digest = entry.digest?.replace(/^sha256:/, '') ?? '';
  if (digest !== '' && digest !== createHash('sha256').update(archive).digest('hex')) {
    throw new ChartUrlError(`the chart at ${url} does not have the digest ${digest} of its index`);
  }
  return archive;
}

async function pullFromRegistry(source: ChartSource): Promise<Uint8Array> {
  const place = `${source.repo.replace(/\/$/, '')}/${source.name}`;
  const untagged = parseChartReference(place);
  await using client = connectRegistry(untagged.registry, {});
  const tags = (await client.tags(untagged)).map(tagToVersion);
  const version = selectTag(tags, constraintOf(source));
  return (await pullChart(client, parseChartReference(`${place}:${version}`), { maxBytes: maxChartBytes })).data;
}
