import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { messageOf } from '@flux/errors';
import { rootedFileSystem, secureJoin } from '@flux/fs';
import { type Chart, type ChartDependency, loadChart, loadChartArchive } from '@flux/helm';
import { type Constraint, parseConstraint, parseVersion } from '@flux/semver';
import { BuildError } from '../build-error.ts';
import type { ChartRepository, HelmChartRun, OfferedChart } from '../deps.ts';
import { DependencyError } from './dependency-error.ts';
import { DependencyRepositories } from './dependency-repositories.ts';

interface Incomplete {
  /** Where the source's files are; nothing outside of it is read. */
  root: string;
  /** The folder of the chart. */
  path: string;
  chart: Chart;
}

/** Adds the dependencies that are declared and not vendored (SRC-HCHART-25..28). */
export async function addDependencies(
  run: HelmChartRun,
  { root, path, chart }: Incomplete,
): Promise<{ chart: Chart; added: number }> {
  const missing = missingDependencies(chart);
  await using repositories = new DependencyRepositories(run);
  const added: Chart[] = [];
  for (const dependency of missing) {
    run.signal.throwIfAborted();
    const isLocal = isLocalDependency(dependency);
    try {
      const found = isLocal
        ? await loadLocal(run, dependency, { root, path })
        : await loadRemote(run, dependency, repositories);
      added.push(renamed(found, dependency));
    } catch (error) {
      run.signal.throwIfAborted();
      const kind = isLocal ? 'local' : 'remote';
      const text = `failed to add ${kind} dependency '${nameOf(dependency)}': ${messageOf(error)}`;
      throw new BuildError('DependencyBuildError', text, { cause: error });
    }
  }
  return { chart: { ...chart, dependencies: [...chart.dependencies, ...added] }, added: added.length };
}

/** Those of the lock file win; as many vendored charts as declared ones mean that none is missing. */
function missingDependencies({ metadata, lock, dependencies }: Chart): ChartDependency[] {
  const declared = lock?.dependencies ?? metadata.dependencies ?? [];
  if (declared.length === dependencies.length) return [];
  const present = new Set(dependencies.map((chart) => chart.metadata.name));
  const missing = new Map(declared.map((dependency) => [nameOf(dependency), dependency]));
  return [...missing.values()].filter((dependency) => !present.has(nameOf(dependency)));
}

function nameOf({ alias, name }: ChartDependency): string {
  return alias || name;
}

function isLocalDependency({ repository = '' }: ChartDependency): boolean {
  return repository === '' || repository.startsWith('file://');
}

/** An alias becomes the name, so that one chart can be there twice (SRC-HCHART-27). */
function renamed(chart: Chart, { alias }: ChartDependency): Chart {
  return alias ? { ...chart, metadata: { ...chart.metadata, name: alias } } : chart;
}

async function loadLocal(
  run: HelmChartRun,
  { name, version = '', repository = '' }: ChartDependency,
  { root, path }: { root: string; path: string },
): Promise<Chart> {
  const place = repository === '' ? `charts/${name}` : repository.slice('file://'.length);
  const folder = secureJoin(root, `${relative(root, path)}/${place}`);
  const shown = folder.slice(root.length);
  if (!existsSync(folder)) throw new DependencyError(`no chart found at '${shown}' (reference '${repository}')`);
  const constraint = readConstraint(version);
  let chart: Chart;
  try {
    chart = await loadChart(rootedFileSystem(root), folder, { maxFileBytes: run.deps.limits.maxFileBytes });
  } catch (error) {
    throw new DependencyError(`failed to load chart from '${shown}' (reference '${repository}'): ${messageOf(error)}`, {
      cause: error,
    });
  }
  if (constraint.check(parseVersion(chart.metadata.version))) return chart;
  throw new DependencyError(`can't get a valid version for constraint '${version}'`);
}

function readConstraint(text: string): Constraint {
  try {
    return parseConstraint(text);
  } catch (error) {
    throw new DependencyError(`invalid version/constraint format '${text}': ${messageOf(error)}`, { cause: error });
  }
}

async function loadRemote(
  run: HelmChartRun,
  { name, version = '', repository = '' }: ChartDependency,
  repositories: DependencyRepositories,
): Promise<Chart> {
  checkAddress(repository);
  const charts = await repositories.open(repository);
  const offered = await find(charts, { name, version, repository });
  let archive: Uint8Array;
  try {
    archive = await charts.download(offered);
  } catch (error) {
    throw new DependencyError(`chart download of version '${offered.version}' failed: ${messageOf(error)}`, {
      cause: error,
    });
  }
  try {
    return await loadChartArchive(archive, { maxFileBytes: run.deps.limits.maxFileBytes });
  } catch (error) {
    const text = `failed to load downloaded archive of version '${offered.version}': ${messageOf(error)}`;
    throw new DependencyError(text, { cause: error });
  }
}

function checkAddress(repository: string): void {
  if (/^(https?|oci):\/\/./.test(repository)) return;
  if (/^(@|alias:)/.test(repository)) throw new DependencyError('aliased repository dependency is not supported');
  throw new DependencyError(`invalid dependency repository URL: ${repository}`);
}

async function find(
  charts: ChartRepository,
  { name, version, repository }: { name: string; version: string; repository: string },
): Promise<OfferedChart> {
  try {
    return await charts.find(name, version);
  } catch (error) {
    const text = `failed to get chart '${name}' version '${version}' from '${repository}': ${messageOf(error)}`;
    throw new DependencyError(text, { cause: error });
  }
}
