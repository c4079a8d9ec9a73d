import { createReadStream, mkdirSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Artifact, GitRepository } from '@flux/api';
import { messageOf } from '@flux/errors';
import { extractArchive, rootedFileSystem, secureJoin } from '@flux/fs';
import { type Chart, loadChart, mergeTables, packageChart, parseValues, withChartVersion } from '@flux/helm';
import { ReconcileError } from '@flux/runtime';
import { BuildError } from '../build-error.ts';
import { type BuildRequest, buildRequestOf, findCurrent, versionWith } from '../build-request.ts';
import type { ChartBuild } from '../chart-build.ts';
import { addDependencies } from '../dependencies/add-dependencies.ts';
import { type HelmChartRun, makeWorkDirectory } from '../deps.ts';
import { type LocalChart, locateChart } from '../locate-chart.ts';
import { overwriteValues } from '../overwrite-values.ts';

/** A chart in the files of another source, which is packaged unless it is an archive already (SRC-HCHART-18, SRC-HCHART-19). */
export async function buildLocal(run: HelmChartRun, source: GitRepository): Promise<ChartBuild> {
  const artifact = source.status?.artifact;
  if (!artifact) throw new Error('the source has no artifact'); // was checked before
  await using work = await makeWorkDirectory(run);
  const root = join(work.path, 'source');
  await extract(run, artifact, root);
  const { object, deps } = run;
  const located = await locate(root, object.spec.chart, deps.limits);
  const request = buildRequestOf(object, artifact);
  const isPackaged = located.isFolder || request.metadata !== '';
  const version = versionWith(located.metadata.version, request);
  const wanted = { name: located.metadata.name, version, isPackaged };
  const current = findCurrent(object, request, wanted);
  if (current) return current;
  if (!isPackaged) return { ...wanted, data: readFileSync(located.path), valuesFiles: [] };
  return await assemble(run, { root, located, request, wanted });
}

async function extract(run: HelmChartRun, artifact: Artifact, root: string): Promise<void> {
  mkdirSync(root, { mode: 0o700 });
  try {
    await extractArchive(createReadStream(run.deps.storage.localPath(artifact)), root, {
      maxBytes: Number.POSITIVE_INFINITY,
      signal: run.signal,
    });
  } catch (error) {
    run.signal.throwIfAborted();
    throw new ReconcileError('Failed', `artifact untar error: ${messageOf(error)}`, { cause: error });
  }
}

async function locate(root: string, path: string, limits: Parameters<typeof locateChart>[2]): Promise<LocalChart> {
  if (isAbsolute(path)) {
    throw new BuildError('InvalidChartReference', 'local chart reference path is expected to be relative');
  }
  try {
    return await locateChart(root, path, limits);
  } catch (error) {
    throw new BuildError('InvalidChartReference', messageOf(error), { cause: error });
  }
}

interface Assembly {
  root: string;
  located: LocalChart;
  request: BuildRequest;
  wanted: { name: string; version: string; isPackaged: boolean };
}

async function assemble(run: HelmChartRun, { root, located, request, wanted }: Assembly): Promise<ChartBuild> {
  const merged = request.valuesFiles.length > 0 ? mergeFiles(root, request) : undefined;
  const loaded = withChartVersion(await load(run, root, located), wanted.version);
  const { chart, files } = merged ? overwriteValues(loaded, merged) : { chart: loaded, files: [] };
  const complete = located.isFolder
    ? await addDependencies(run, { root, path: located.path, chart })
    : { chart, added: 0 };
  try {
    const data = await packageChart(complete.chart);
    return { ...wanted, data, valuesFiles: files, resolvedDependencies: complete.added };
  } catch (error) {
    throw new BuildError('ChartPackageError', `failed to package chart: ${messageOf(error)}`, { cause: error });
  }
}

async function load(run: HelmChartRun, root: string, { path }: LocalChart): Promise<Chart> {
  const { maxFileBytes } = run.deps.limits;
  try {
    return await loadChart(rootedFileSystem(root), path, { maxFileBytes });
  } catch (error) {
    throw new BuildError('ChartPackageError', messageOf(error), { cause: error });
  }
}

/** Paths count from the root of the source, not from the chart (SRC trap 7). */
function mergeFiles(root: string, { valuesFiles, ignoreMissing }: BuildRequest) {
  let values: Record<string, unknown> = {};
  const files: string[] = [];
  for (const path of valuesFiles) {
    const file = secureJoin(root, path);
    const found = statSync(file, { throwIfNoEntry: false });
    if (!found && ignoreMissing) continue;
    if (!found?.isFile()) {
      const shown = file.slice(root.length);
      throw new BuildError('ValuesFilesError', `no values file found at path '${shown}' (reference '${path}')`);
    }
    try {
      values = mergeTables(values, parseValues(readFileSync(file), path));
    } catch (error) {
      throw new BuildError('ValuesFilesError', messageOf(error), { cause: error });
    }
    files.push(path);
  }
  return { values, files };
}
