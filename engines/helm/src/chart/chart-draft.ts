import type { Chart, ChartMetadata, Values } from './chart.ts';

/** A chart whose parts may be replaced while its dependencies are worked out. */
export interface ChartDraft extends Omit<Chart, 'metadata' | 'values' | 'dependencies'> {
  metadata: ChartMetadata;
  values: Values;
  dependencies: ChartDraft[];
}
