import { ChartError } from './chart-error.ts';

/** Bounds of a chart's archive (HELM-LOAD-01); archives of subcharts inside count against the same total. */
export interface ChartLimits {
  /** Of the unpacked size of all files. Default 100 MiB. */
  maxBytes?: number;
  /** Of one file. Default 5 MiB. */
  maxFileBytes?: number;
  /** How deep archives may lie in archives. Default 32. */
  maxDepth?: number;
}

/** What is left of the limits while archives inside of archives are read. */
export interface Budget {
  readonly total: number;
  readonly file: number;
  left: number;
  depth: number;
}

/** The budget that limits stand for. */
export function budgetOf(limits: ChartLimits): Budget {
  const total = limits.maxBytes ?? 100 * 1024 * 1024;
  return { total, left: total, file: limits.maxFileBytes ?? 5 * 1024 * 1024, depth: limits.maxDepth ?? 32 };
}

/** The error of a chart that takes more than the budget has. */
export function tooLarge({ total }: Budget): ChartError {
  return new ChartError(`decompressed chart is larger than the maximum size ${total}`);
}
