import type { RenderRelease } from '@flux/helm';
import { renderHelmRelease } from '../render-release.ts';
import type { Session } from '../session.ts';
import { lookupIn, resolveHost } from './cluster-facts.ts';

/** Renders for the cluster of the session: its versions, and its objects for `lookup`. */
export function rendererOf({ run, target }: Session): RenderRelease {
  const { object, deps } = run;
  return async ({ chart, values, release, disableSchemaValidation }) =>
    renderHelmRelease(object, {
      chart,
      values,
      release,
      capabilities: await deps.facts.capabilities(target.cluster),
      lookup: lookupIn(target.cluster),
      ...(deps.settings.allowsDnsLookups ? { resolveHost } : {}),
      skipSchemaValidation: disableSchemaValidation,
      usesHelm3Defaults: deps.settings.usesHelm3Defaults,
      warn: ({ message, attributes }) => run.log.info(message, attributes ?? {}),
    });
}
