import { chartFlags } from '../build/chart-flags.ts';
import { defineCommand } from '../command/command.ts';
import { UsageError } from '../command/errors.ts';

export const buildChart = defineCommand({
  usage: 'CHART',
  doc: `The build chart command prints what 'helm template' of Helm 4 prints: the manifests of a chart, which is a folder or an
archive, and behind them its hooks. It needs neither helm nor a cluster; lookups find nothing.`,
  example: `  # Render a chart with values of a file and of the command line
  flux build chart ./charts/podinfo --name podinfo --namespace apps --values ./values.yaml --set replicaCount=2

  # Render an archive for a version of Kubernetes, with its CRDs
  flux build chart ./podinfo-6.7.0.tgz --kube-version 1.33.0 --include-crds

  # Print what one template becomes
  flux build chart ./charts/podinfo --show-only templates/deployment.yaml`,
  flags: chartFlags,
  anyNamespace: true,
  async run(context, { args: [chart, ...others], flags, changed }) {
    if (chart === undefined || others.length > 0) throw new UsageError('specify one path to a chart');
    if (flags['dependency-update']) {
      throw new UsageError('--dependency-update is not available: put the dependencies into the charts folder first');
    }
    if (changed('name') && flags['name-template'] !== '') {
      throw new UsageError('cannot set --name-template and also specify a name');
    }
    const { printChart } = await import('../build/print-chart.ts');
    await printChart(context, chart, flags);
  },
});
