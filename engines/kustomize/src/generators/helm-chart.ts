import type { JsonObject } from '@flux/apimachinery';
import type { ReadableFileSystem } from '@flux/fs';
import { formatYaml } from '@flux/yaml';
import { unmarshal } from '../config/decode.ts';
import { type Chart, type ChartGlobals, chartPluginShape, type OlderChart } from '../config/kustomization.ts';
import { BuildError, quote, withPrefix } from '../errors.ts';
import { cloneJson, fieldOf, isObject, setField } from '../json.ts';
import type { ChartRequest } from '../loader/charts.ts';
import { joinPath } from '../loader/repository.ts';
import { parseResources } from '../manifest.ts';
import { readConfig } from '../read-yaml.ts';
import type { Resource } from '../resource.ts';
import { compact, configure, type PluginContext } from '../transformers/transformer.ts';
import { defineGenerator, type Generator } from './generator.ts';

/** `helmCharts`: what `helm template` makes of charts, by the renderer that the build was given (KUS-BUILD-03). */
export const helmChartGenerator = defineGenerator({
  name: 'HelmChartInflationGenerator',
  fromKustomization({ helmCharts, helmGlobals, helmChartInflationGenerator: older }, context) {
    const globals = helmGlobals ?? olderGlobals(older);
    const charts = [...helmCharts, ...older.map(fromOlder)];
    return charts
      .map((chart) => ({ ...globals, ...chart }))
      .map((chart) =>
        configure(
          'HelmChartInflationGenerator',
          () => compact(chart),
          () => makeGenerator({ ...chart, namespace: chart.namespace || context.namespace }, context),
        ),
      );
  },
  fromPlugin: (config, context) => makeGenerator(unmarshal(chartPluginShape, config), context),
});

/** What the deprecated `helmChartInflationGenerator` says for all charts; the last one counts. */
function olderGlobals(charts: readonly OlderChart[]): ChartGlobals {
  const last = (field: 'chartHome' | 'helmHome'): string =>
    charts.findLast((chart) => chart[field] !== '')?.[field] ?? '';
  return { chartHome: last('chartHome'), configHome: last('helmHome') };
}

/** A deprecated entry, by the names that its fields have in `helmCharts`. */
function fromOlder(chart: OlderChart): Omit<Chart, keyof ChartGlobals> {
  const { chartName, chartVersion, chartRepoUrl, values, valuesLocal, valuesMerge, releaseName } = chart;
  return {
    ...{ name: chartName, version: chartVersion, repo: chartRepoUrl, releaseName, namespace: '' },
    ...{ additionalValuesFiles: [], valuesFile: values, valuesInline: valuesLocal, valuesMerge },
    ...{ includeCRDs: false, skipHooks: false, apiVersions: [], kubeVersion: '', nameTemplate: '' },
    ...{ skipTests: false, debug: false, devel: false },
  };
}

const mergeModes = ['merge', 'override', 'replace'];

function makeGenerator(chart: Chart, context: PluginContext): Generator {
  if (!context.loader.hasCharts) throw new BuildError('must specify --enable-helm');
  if (chart.name === '') throw new BuildError('chart name cannot be empty');
  for (const [field, value] of [
    ['releaseName', chart.releaseName],
    ['chart name', chart.name],
  ]) {
    if (value?.startsWith('-')) throw new BuildError(`${field} must not start with '-', got ${quote(value)}`);
  }
  if (!mergeModes.includes(chart.valuesMerge || 'override')) {
    throw new BuildError(`valuesMerge must be one of [${mergeModes.join(' ')}]`);
  }
  const additional = chart.additionalValuesFiles.map((file) =>
    withPrefix('could not load additionalValuesFile', () => context.loader.loadText(file)),
  );
  return { generate: () => inflate(chart, additional, context) };
}

function inflate(chart: Chart, additional: readonly string[], { loader, schemas }: PluginContext): Resource[] {
  const place = locate(chart, { loader });
  const { releaseName, nameTemplate, namespace, apiVersions, kubeVersion, skipHooks, skipTests } = chart;
  const request: ChartRequest = {
    ...{ fs: place.fs, path: place.path, name: chart.name },
    ...{ releaseName, nameTemplate, namespace, apiVersions, kubeVersion, skipHooks, skipTests },
    includeCrds: chart.includeCRDs,
    values: [valuesOf(chart, place), ...additional],
  };
  const resources = parseResources(loader.renderChart(request), schemas);
  for (const resource of resources) resource.isHelmGenerated = true;
  return resources;
}

interface ChartPlace {
  readonly fs: ReadableFileSystem;
  readonly path: string;
  /** A values file as the kustomization may read it. */
  readValues(): string;
}

/** The chart in the chart home, or else that of its repository. */
function locate(chart: Chart, { loader }: Pick<PluginContext, 'loader'>): ChartPlace {
  const home = chart.chartHome || 'charts';
  const base = home.startsWith('/') ? joinPath(home) : joinPath(loader.root, home);
  const versioned = chart.version !== '' && chart.repo !== '' ? joinPath(base, `${chart.name}-${chart.version}`) : base;
  const path = joinPath(versioned, chart.name);
  const named = () => loader.loadText(chart.valuesFile);
  if (loader.fs.isDirectory(path)) {
    const own = () => loader.loadText(joinPath(path, 'values.yaml'));
    return { fs: loader.fs, path, readValues: chart.valuesFile === '' ? own : named };
  }
  if (chart.repo === '') throw new BuildError(`no repo specified for pull, no chart found at '${path}'`);
  const { name, repo, version, devel } = chart;
  const fetched = loader.fetchChart({ name, repo, version, devel });
  const own = () => fetched.fs.readText(joinPath(fetched.path, 'values.yaml'));
  return { ...fetched, readValues: chart.valuesFile === '' ? own : named };
}

/** The values file, with inline values over it, under it or in its place. */
function valuesOf({ valuesInline, valuesMerge }: Chart, place: ChartPlace): string {
  if (Object.keys(valuesInline).length === 0) return place.readValues();
  if (valuesMerge === 'replace') return formatYaml(valuesInline);
  const values = readConfig(place.readValues());
  const file = isObject(values) ? values : {};
  const merged = valuesMerge === 'merge' ? mergeMaps(valuesInline, file) : mergeMaps(file, valuesInline);
  return formatYaml(merged);
}

/** `over` laid over `under`: maps are merged, a null removes, anything else takes the place of what was there. */
function mergeMaps(under: JsonObject, over: JsonObject): JsonObject {
  const result = cloneJson(under);
  for (const key of Object.keys(over)) {
    const value = fieldOf(over, key);
    const known = fieldOf(result, key);
    if (value === null) delete result[key];
    else if (isObject(value) && isObject(known)) setField(result, key, mergeMaps(known, value));
    else if (value !== undefined) setField(result, key, cloneJson(value));
  }
  return result;
}
