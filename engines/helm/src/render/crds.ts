import type { Chart, ChartFile } from '../chart/chart.ts';

export interface CustomResourceFile {
  /** Below the root chart: `parent/charts/child/crds/x.yaml`. */
  path: string;
  file: ChartFile;
}

/** The files in `crds/` of a chart and, after them, of its subcharts (HELM-LOAD-06). They are no templates. */
export function crdsOf(chart: Chart): CustomResourceFile[] {
  return collect(chart, chart.metadata.name);
}

function collect(chart: Chart, path: string): CustomResourceFile[] {
  const own = chart.files
    .filter(({ name }) => name.startsWith('crds/') && /\.(?:yaml|yml|json)$/i.test(name))
    .map((file) => ({ path: `${path}/${file.name}`, file }));
  const inherited = chart.dependencies.flatMap((child) => collect(child, `${path}/charts/${child.metadata.name}`));
  return [...own, ...inherited];
}
