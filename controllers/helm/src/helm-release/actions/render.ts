import type { HelmRelease } from '@flux/api';
import { type PostRenderStrategy, processDependencies, type RenderRelease, renderChart } from '@flux/helm';
import { postRendererOf } from '../post-render.ts';
import type { Session } from '../session.ts';
import { lookupIn, readCapabilities } from './cluster-facts.ts';

/** Renders for the cluster of the session: its versions, its objects for `lookup`, and the post renderers. */
export function rendererOf(session: Session): RenderRelease {
  const { run, target } = session;
  const { object, deps } = run;
  return async ({ chart, values, release, disableSchemaValidation }) => {
    const processed = processDependencies(chart, values);
    const rendered = await renderChart(processed.chart, processed.values, {
      release,
      capabilities: await readCapabilities(target.cluster),
      lookup: lookupIn(target.cluster),
      skipSchemaValidation: disableSchemaValidation,
      postRender: { render: postRendererOf(object), strategy: strategyOf(object, deps.settings.usesHelm3Defaults) },
      warn: ({ message, attributes }) => run.log.info(message, attributes ?? {}),
    });
    return { ...rendered, chart: processed.chart };
  };
}

/** HELM-POST-03. */
export function strategyOf({ spec }: HelmRelease, usesHelm3Defaults: boolean): PostRenderStrategy {
  return spec.postRenderStrategy ?? (usesHelm3Defaults ? 'nohooks' : 'combined');
}
