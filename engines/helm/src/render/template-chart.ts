import { messageOf } from '@flux/errors';
import type { SprigOptions } from '@flux/sprig';
import type { Chart, Values } from '../chart/chart.ts';
import { processDependencies } from '../chart/dependencies.ts';
import type { Hook } from '../release/release.ts';
import type { Warn } from '../values/warning.ts';
import { defaultCapabilities } from './capabilities.ts';
import { type CustomResourceFile, crdsOf } from './crds.ts';
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
  const pieces = await renderPieces(chart, values, options);
  return pieces.map((piece) => (typeof piece === 'string' ? piece : textOf(piece))).join('');
}

/** The same as bytes: CRDs can be larger than everything else together, and are printed as they are. */
export async function templateChartBytes(
  chart: Chart,
  values: Values,
  options: TemplateChartOptions = {},
): Promise<Uint8Array> {
  return joinPieces(await renderPieces(chart, values, options));
}

type Piece = string | Uint8Array;

async function renderPieces(chart: Chart, values: Values, options: TemplateChartOptions): Promise<readonly Piece[]> {
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
  const crds = options.includeCrds ? crdsOf(processed.chart) : [];
  const hookText = formatHooks(hooks, options);
  if (crds.length > 0 && manifest !== '' && !options.showOnly?.length) {
    return [...crds.flatMap(crdPieces), manifest.trimEnd(), '\n', hookText];
  }
  const crdText = formatManifests(crds.map(({ path, file }) => ({ path, text: textOf(file.data) })));
  const output = `${(crdText + manifest).trim()}\n${hookText}`;
  return [options.showOnly?.length ? showOnly(output, options.showOnly) : output];
}

/** Files of `crds/` come before everything else, in the form of `formatManifests`. */
function crdPieces({ path, file }: CustomResourceFile): Piece[] {
  return [`---\n# Source: ${path}\n`, file.data, '\n'];
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

function joinPieces(pieces: readonly Piece[]): Uint8Array {
  const lengths = pieces.map((piece) => Buffer.byteLength(piece));
  const bytes = Buffer.allocUnsafe(lengths.reduce((total, length) => total + length, 0));
  let at = 0;
  for (const [index, piece] of pieces.entries()) {
    if (typeof piece === 'string') bytes.write(piece, at);
    else bytes.set(piece, at);
    at += lengths[index] ?? 0;
  }
  return bytes;
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
