import { posix } from 'node:path';
import { isJsonObject } from '@flux/apimachinery';
import { FluxError } from '@flux/errors';
import { parseVersion } from '@flux/semver';
import { formatYaml, parseYaml, YamlError } from '@flux/yaml';
import type { Chart, ChartFile, Values } from '../chart/chart.ts';
import { mergeTables } from '../values/table.ts';

/** Values files of a chart cannot be merged (SRC-HCHART-17). */
export class ValuesFilesError extends FluxError {
  override readonly code = 'HELM_VALUES_FILES';
}

export interface MergedValues {
  values: Values;
  /** Paths as they were given, of the files that were there. */
  files: string[];
}

export interface MergeOptions {
  ignoreMissing?: boolean;
}

const defaultValues = 'values.yaml';

/** `["values.yaml"]` alone means no values files (SRC trap 9). */
export function effectiveValuesFiles(paths: readonly string[]): readonly string[] {
  return paths.length === 1 && posix.normalize(paths[0]!) === defaultValues ? [] : paths;
}

/** Merges values files that lie inside the chart: maps deeply, later ones win, lists are replaced (SRC-HCHART-17). */
export function mergeChartValues(chart: Chart, paths: readonly string[], options: MergeOptions = {}): MergedValues {
  const merged: MergedValues = { values: {}, files: [] };
  for (const path of paths) {
    const name = posix.normalize(path);
    const values = name === defaultValues ? chart.values : readValuesFile(chart, name, path);
    if (values === undefined) {
      if (options.ignoreMissing) continue;
      throw new ValuesFilesError(`no values file found at path '${path}'`);
    }
    merged.values = mergeTables(merged.values, values);
    merged.files.push(path);
  }
  return merged;
}

function readValuesFile(chart: Chart, name: string, path: string): Values | undefined {
  const file = chart.files.find((candidate) => candidate.name === name);
  return file && parseValues(file.data, path);
}

/** Reads one values file; what is wrong with it names the path. */
export function parseValues(data: Uint8Array, path: string): Values {
  try {
    const parsed = parseYaml(Buffer.from(data).toString('utf8'));
    if (parsed === null) return {};
    if (isJsonObject(parsed)) return parsed;
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new ValuesFilesError(
      `unmarshaling values from '${path}' failed: error converting YAML to JSON: ${error.message}`,
      { cause: error },
    );
  }
  throw new ValuesFilesError(`unmarshaling values from '${path}' failed: the file is not a map`);
}

/**
 * The chart with other default values; the chart itself where they are what it has. A chart without a values.yaml cannot be given
 * any (SRC-HCHART-19).
 */
export function overwriteDefaultValues(chart: Chart, values: Values): Chart {
  const data = Buffer.from(Object.keys(values).length === 0 ? '' : formatYaml(values));
  const current = chart.raw.find(({ name }) => name === defaultValues);
  if (current === undefined) throw new ValuesFilesError(`failed to locate values file: ${defaultValues}`);
  if (data.equals(current.data)) return chart;
  const replace = (file: ChartFile): ChartFile => (file.name === defaultValues ? { ...file, data } : file);
  return { ...chart, values, raw: chart.raw.map(replace), files: chart.files.map(replace) };
}

/** The chart with another version, as packaging with build metadata needs it. */
export function withChartVersion(chart: Chart, version: string): Chart {
  return { ...chart, metadata: { ...chart.metadata, version } };
}

/** Replaces the build metadata of a version: `1.2.3+old` and `7` give `1.2.3+7` (SRC-HCHART-15). Throws `SemverError`. */
export function withBuildMetadata(version: string, metadata: string): string {
  const { major, minor, patch, prerelease } = parseVersion(version);
  const suffix = prerelease === '' ? '' : `-${prerelease}`;
  return parseVersion(`${major}.${minor}.${patch}${suffix}+${metadata}`).toString();
}
