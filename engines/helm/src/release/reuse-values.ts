import type { Chart, Values } from '../chart/chart.ts';
import { coalesceTables, coalesceValues } from '../values/coalesce.ts';
import { copyTable } from '../values/table.ts';
import type { Release } from './release.ts';

/**
 * New values over those of the release before, and that release's values in place of the chart's defaults, whatever they
 * are now (HELM-STORE-08). A stored chart has no subcharts, so theirs come from the new chart.
 */
export function reuseValues(
  { chart, values }: { chart: Chart; values: Values },
  base: Release,
): { chart: Chart; values: Values } {
  const config = base.config ?? {};
  const defaults = coalesceValues({ ...base.chart, dependencies: [] }, config);
  return {
    chart: { ...chart, values: defaults },
    values: coalesceTables(copyTable(values), copyTable(config)),
  };
}
