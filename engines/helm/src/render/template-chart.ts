import { messageOf } from '@flux/errors';
import type { SprigOptions } from '@flux/sprig';
import type { Chart, Values } from '../chart/chart.ts';
import { processDependencies } from '../chart/dependencies.ts';
import type { Hook } from '../release/release.ts';
import type { Warn } from '../values/warning.ts';
import { defaultCapabilities } from './capabilities.ts';
import { checkReleaseName } from './release-name.ts';
import { renderChart } from './render-chart.ts';
import { RenderRequestError } from './render-error.ts';
import { showOnly } from './show-only.ts';
import { formatManifests } from './sort-manifests.ts';

/** The flags of `helm template`. */
export interface TemplateChartOptions extends SprigOptions {
  /** `release-name` unless given. */
  name?: string;
  namespace?: string;
  /** What `.Capabilities.KubeVersion` is. */
  kubeVersion?: string;
  /** API versions that the cluster has besides those that Helm knows. */
  apiVersions?: readonly string[];
  includeCrds?: boolean;
  noHooks?: boolean;
  skipTests?: boolean;
  isUpgrade?: boolean;
  skipSchemaValidation?: boolean;
  /** Paths below the chart, `templates/x.yaml`; `*` matches. */
  showOnly?: readonly string[];
  warn?: Warn;
}

/** What `helm template` prints of a loaded chart: manifests in install order, then hooks (HELM-MAN-02). */
export async function templateChart(chart: Chart, values: Values, options: TemplateChartOptions = {}): Promise<string> {
  const capabilities = defaultCapabilities(options);
  checkInstallable(chart);
  if (chart.metadata.deprecated) options.warn?.({ level: 'WARN', message: 'this chart is deprecated' });
  checkDependencies(chart);
  const { name = 'release-name', namespace = 'default' } = options;
  checkName(name);
  const { isUpgrade = false } = options;
  const processed = processDependencies(chart, values, options.warn);
  const { manifest, hooks } = await renderChart(processed.chart, processed.values, {
    ...options,
    release: { name, namespace, isUpgrade },
    capabilities,
  });
  const output = `${manifest.trim()}\n${formatHooks(hooks, options)}`;
  return options.showOnly?.length ? showOnly(output, options.showOnly) : output;
}

/** Refuses library charts, which only lend their templates to others. */
function checkInstallable({ metadata: { type = '' } }: Chart): void {
  if (type !== '' && type !== 'application') throw new RenderRequestError(`${type} charts are not installable`);
}

/** Refuses a chart that declares dependencies it does not contain. */
function checkDependencies({ metadata, dependencies }: Chart): void {
  const missing = (metadata.dependencies ?? [])
    .map(({ name }) => name)
    .filter((name) => !dependencies.some((child) => child.metadata.name === name));
  if (missing.length === 0) return;
  throw new RenderRequestError(
    "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch " +
      `missing dependencies: found in Chart.yaml, but missing in charts/ directory: ${missing.join(', ')}`,
  );
}

function checkName(name: string): void {
  try {
    checkReleaseName(name);
  } catch (error) {
    const problem = messageOf(error);
    throw new RenderRequestError(`release name check failed: release name ${JSON.stringify(name)}: ${problem}`);
  }
}

function formatHooks(hooks: readonly Hook[], { noHooks, skipTests }: TemplateChartOptions): string {
  const shown = noHooks ? [] : hooks.filter(({ events }) => !(skipTests && events.includes('test')));
  return formatManifests(shown.map(({ path, manifest }) => ({ path, text: manifest })));
}
