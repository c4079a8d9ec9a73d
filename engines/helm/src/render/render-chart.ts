import type { Chart, Values } from '../chart/chart.ts';
import { coalesceValues } from '../values/coalesce.ts';
import { copyTable } from '../values/table.ts';
import type { Warn } from '../values/warning.ts';
import { checkKubeVersion } from './capabilities.ts';
import { type Outside, withAnswers } from './lookup.ts';
import { type PostRenderOptions, postRender } from './post-render.ts';
import { type RenderFilesOptions, renderFiles } from './render-files.ts';
import type { Rendered } from './rendered.ts';
import { formatManifests, sortManifests } from './sort-manifests.ts';

/** Without `lookup` templates find nothing, as in `helm template`; without `resolveHost` hosts have no address. */
export interface RenderOptions extends Omit<RenderFilesOptions, keyof Outside>, Outside {
  postRender?: PostRenderOptions;
  /** Notes of subcharts come along with those of the chart. */
  subchartNotes?: boolean;
  /** Takes any values, whatever the chart's schema says. */
  skipSchemaValidation?: boolean;
  /** Fetches schemas that a chart's schema refers to by URL; without it such references are errors. */
  loadSchema?: (url: string) => Promise<string>;
  /** Hears of what Helm logs and goes on: odd values, hooks with an event that does not exist. */
  warn?: Warn;
}

/**
 * Renders a chart whose dependencies are processed with a user's values, as `helm install` does: coalesced and validated
 * values, templates, lookups, notes, post renderer, sorting (HELM-CVAL, HELM-TPL, HELM-MAN). Errors carry Helm's words.
 */
export async function renderChart(chart: Chart, values: Values, options: RenderOptions): Promise<Rendered> {
  const { lookup, resolveHost, warn, loadSchema, ...rest } = options;
  const outside = { ...(lookup && { lookup }), ...(resolveHost && { resolveHost }) };
  const coalesced = coalesceValues(chart, values, warn === undefined ? {} : { warn });
  if (!options.skipSchemaValidation && hasSchema(chart)) {
    // Most charts have none, and then need nothing of what reads them.
    const { validateValues } = await import('../values/validate-values.ts');
    await validateValues(chart, coalesced, { ...(warn && { warn }), ...(loadSchema && { loadSchema }) });
  }
  checkKubeVersion(chart.metadata.kubeVersion, options.capabilities);
  const files: ReadonlyMap<string, string> = await withAnswers(outside, (asked) =>
    // Templates may change values, so that every round needs its own.
    renderFiles(chart, lookup || resolveHost ? copyTable(coalesced) : coalesced, { ...rest, ...asked }),
  );
  const { notes, others } = takeNotes(files, chart.metadata.name, options.subchartNotes ?? false);
  const finished = options.postRender === undefined ? others : await postRender(others, options.postRender);
  const { hooks, manifests } = sortManifests(finished, warn === undefined ? {} : { warn });
  return { manifest: formatManifests(manifests), hooks, notes };
}

function hasSchema({ schema, dependencies }: Chart): boolean {
  return schema !== undefined || dependencies.some(hasSchema);
}

/** Whatever ends in NOTES.txt is no manifest; only the chart's own notes are kept (HELM-TPL-11). */
function takeNotes(files: ReadonlyMap<string, string>, chartName: string, withSubcharts: boolean) {
  const others = new Map<string, string>();
  const notes: string[] = [];
  for (const [path, text] of files) {
    if (!path.endsWith('NOTES.txt')) others.set(path, text);
    else if (withSubcharts || path === `${chartName}/templates/NOTES.txt`) notes.push(text);
  }
  return { notes: notes.join('\n'), others };
}
