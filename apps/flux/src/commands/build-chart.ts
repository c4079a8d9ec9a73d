import { defineCommand } from '../command/command.ts';
import { UsageError } from '../command/errors.ts';
import { boolFlag, listFlag, repeatedFlag, stringFlag } from '../command/flag.ts';

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
  flags: {
    'api-versions': listFlag('API versions that .Capabilities.APIVersions holds besides the built-in ones', {
      short: 'a',
    }),
    'dependency-update': boolFlag('not available: dependencies have to be in the charts folder', { hidden: true }),
    'include-crds': boolFlag('print the files of the crds folder first'),
    'is-upgrade': boolFlag('set .Release.IsUpgrade instead of .Release.IsInstall'),
    'kube-version': stringFlag('version of Kubernetes that .Capabilities.KubeVersion is'),
    name: stringFlag('name of the release', { default: 'release-name' }),
    'name-template': stringFlag('template that gives the name of the release'),
    namespace: stringFlag('namespace of the release', { short: 'n', default: 'default' }),
    'no-hooks': boolFlag('leave hooks out'),
    set: repeatedFlag('set values, such as key1=val1,key2=val2'),
    'set-file': repeatedFlag('set values from files, such as key1=path1,key2=path2'),
    'set-json': repeatedFlag('set JSON values, such as key1=jsonval1 or a whole object'),
    'set-literal': repeatedFlag('set a literal string, such as key=value'),
    'set-string': repeatedFlag('set strings, such as key1=val1,key2=val2'),
    'show-only': repeatedFlag('print only what comes from these templates', { short: 's' }),
    'skip-schema-validation': boolFlag('do not check values against the schema of the chart'),
    'skip-tests': boolFlag('leave test hooks out'),
    values: listFlag("files of values, '-' for the input", { short: 'f' }),
  },
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

export type ChartFlags = Parameters<NonNullable<typeof buildChart.run>>[1]['flags'];
