import type { HelmRelease } from '@flux/api';
import {
  type Capabilities,
  type Chart,
  type Lookup,
  type PostRenderStrategy,
  processDependencies,
  type RenderedRelease,
  type ResolveHost,
  renderChart,
  type Values,
  type Warn,
} from '@flux/helm';
import { postRendererOf } from './post-render.ts';

export interface RenderReleaseOptions {
  chart: Chart;
  /** Composed values, before the defaults of the chart. */
  values: Values;
  release: { name: string; namespace: string; revision: number; isUpgrade: boolean };
  capabilities: Capabilities;
  /** Without it templates find no objects. */
  lookup?: Lookup;
  /** Gate `AllowDNSLookups`: without it hosts have no address. */
  resolveHost?: ResolveHost;
  skipSchemaValidation?: boolean;
  /** Gate `UseHelm3Defaults`. */
  usesHelm3Defaults?: boolean;
  warn?: Warn;
}

/** What a HelmRelease makes of a chart: the same for the controller and for those who only look. */
export async function renderHelmRelease(object: HelmRelease, options: RenderReleaseOptions): Promise<RenderedRelease> {
  const { chart, values, release, capabilities, lookup, resolveHost, skipSchemaValidation = false, warn } = options;
  const processed = processDependencies(chart, values);
  const rendered = await renderChart(processed.chart, processed.values, {
    release,
    capabilities,
    skipSchemaValidation,
    postRender: { render: postRendererOf(object), strategy: strategyOf(object, options.usesHelm3Defaults ?? false) },
    ...(lookup ? { lookup } : {}),
    ...(resolveHost ? { resolveHost } : {}),
    ...(warn ? { warn } : {}),
  });
  return { ...rendered, chart: processed.chart };
}

/** HELM-POST-03. */
function strategyOf({ spec }: HelmRelease, usesHelm3Defaults: boolean): PostRenderStrategy {
  return spec.postRenderStrategy ?? (usesHelm3Defaults ? 'nohooks' : 'combined');
}
