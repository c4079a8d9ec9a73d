import { BuildError } from '../errors.ts';
import { configure } from '../transformers/transformer.ts';
import { defineGenerator } from './generator.ts';

/** `helmCharts` needs the helm program in kustomize; it is refused here as the library does with plugins disabled (KUS-BUILD-03). */
export const helmChartGenerator = defineGenerator({
  name: 'HelmChartInflationGenerator',
  fromKustomization({ helmCharts, helmChartInflationGenerator }) {
    const [chart] = [...helmCharts, ...helmChartInflationGenerator];
    if (chart === undefined) return [];
    const name = nameOf(chart);
    return configure(
      'HelmChartInflationGenerator',
      () => ({ name }),
      () => {
        throw new BuildError(`must specify --enable-helm: helmCharts entry '${name}' cannot be inflated here`);
      },
    );
  },
  fromPlugin() {
    throw new BuildError('must specify --enable-helm');
  },
});

function nameOf(chart: unknown): string {
  if (typeof chart !== 'object' || chart === null) return '';
  const name = 'name' in chart ? chart.name : 'chartName' in chart ? chart.chartName : '';
  return typeof name === 'string' ? name : '';
}
