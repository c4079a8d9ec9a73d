import { resolve } from 'node:path';
import { rootedFileSystem } from '@flux/fs';
import {
  type Chart,
  effectiveValuesFiles,
  mergeChartValues,
  mergeTables,
  overwriteDefaultValues,
  parseValues,
  type Values,
} from '@flux/helm';
import { UsageError } from '../command/errors.ts';
import type { ChartTemplate } from './chart-template.ts';

/** The chart with the values files of its template as defaults: inside of the chart, or from the root of a repository. */
export function withValuesFiles(chart: Chart, template: ChartTemplate, root?: string): Chart {
  const paths = effectiveValuesFiles(template.valuesFiles ?? []);
  if (paths.length === 0) return chart;
  const ignoreMissing = template.ignoreMissingValuesFiles ?? false;
  const isInChart = template.sourceRef.kind === 'HelmRepository' || root === undefined;
  const values = isInChart
    ? mergeChartValues(chart, paths, { ignoreMissing }).values
    : mergeFiles(root, paths, ignoreMissing);
  return overwriteDefaultValues(chart, values);
}

function mergeFiles(root: string, paths: readonly string[], ignoreMissing: boolean): Values {
  const fs = rootedFileSystem(root);
  let values: Values = {};
  for (const path of paths) {
    const full = resolve(root, `./${path}`);
    if (fs.isFile(full)) values = mergeTables(values, parseValues(fs.readFile(full), path));
    else if (!ignoreMissing) throw new UsageError(`no values file found at path '${path}'`);
  }
  return values;
}
