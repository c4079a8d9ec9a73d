import type { Warn } from '../values/warning.ts';
import type { Chart } from './chart.ts';
import { budgetOf, type ChartLimits } from './chart-budget.ts';
import { loadArchive } from './load-files.ts';

export interface LoadOptions extends ChartLimits {
  warn?: Warn;
}

/**
 * Loads a `.tgz` of a chart with the subcharts in it. Nothing is written and links are not followed; names that leave the
 * chart and sizes beyond the limits are errors.
 */
export async function loadChartArchive(data: Uint8Array, options: LoadOptions = {}): Promise<Chart> {
  return loadArchive(data, budgetOf(options), options.warn);
}
