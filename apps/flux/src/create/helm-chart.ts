import { type HelmChart, helmChart } from '@flux/api';
import { defineCommand } from '../command/command.ts';
import { UsageError } from '../command/errors.ts';
import { checkedFlag, type FlagValues, stringFlag } from '../command/flag.ts';
import { helmChartView } from '../kinds/helm-chart.ts';
import { createSourceFlags } from './flags.ts';
import { parseLabels, requireName } from './metadata.ts';
import { chartSourceFlag, parseChartSource } from './source-reference.ts';
import { printManifests, submitSource } from './submit.ts';

const title = 'HelmChart source';
const strategies = ['Revision', 'ChartVersion'] as const;
/** flux itself offers no other for charts. */
const verifiers = ['cosign'] as const;

const flags = {
  chart: stringFlag('Helm chart name or path'),
  'chart-version': stringFlag(
    'Helm chart version, accepts a semver range (ignored for charts from GitRepository sources)',
  ),
  'reconcile-strategy': stringFlag(
    'the reconcile strategy for helm chart (accepted values: Revision and ChartRevision)',
    {
      default: 'ChartVersion',
    },
  ),
  source: chartSourceFlag('<kind>/<name>'),
  'verify-issuer': stringFlag(
    'the OIDC issuer to verify the signature against, a regular expression; needs --verify-provider',
  ),
  'verify-provider': checkedFlag(
    `the OCI verify provider name to use for signature verification, available options are: (${verifiers.join(', ')})`,
    'sourceOCIVerifyProvider',
    (text) => {
      if (text === '' || verifiers.some((each) => each === text)) return text;
      throw new UsageError(
        `source OCI verify provider '${text}' is not supported, must be one of: ${verifiers.join(', ')}`,
      );
    },
  ),
  'verify-secret-ref': stringFlag('the name of a secret to use for signature verification'),
  'verify-subject': stringFlag(
    'the OIDC subject to verify the signature against, a regular expression; needs --verify-provider',
  ),
};

type Flags = FlagValues<typeof flags & typeof createSourceFlags>;

export default defineCommand({
  usage: '[name]',
  doc: 'The create source chart command generates a HelmChart resource and waits for the chart to be available.',
  example: `  # Create a source for a chart residing in a HelmRepository
  flux create source chart podinfo --source=HelmRepository/podinfo --chart=podinfo --chart-version=6.x

  # Create a source for a chart residing in a Git repository
  flux create source chart podinfo --source=GitRepository/podinfo --chart=./charts/podinfo`,
  anyNamespace: true,
  inherits: createSourceFlags,
  flags,
  async run(context, { args, flags: values }) {
    const name = requireName(args);
    if (!values.source) throw new UsageError('chart source is required');
    if (!values.chart) throw new UsageError('chart name or path is required');
    context.out.generate(`generating ${title}`);
    const object: HelmChart = {
      apiVersion: helmChart.apiVersion,
      kind: helmChart.kind,
      metadata: { name, namespace: context.namespace, labels: parseLabels(values.label) },
      spec: specOf(values),
    };
    if (values.export) return printManifests(context, helmChartView.kind, object);
    await submitSource(context, helmChartView.kind, object, title, { result: 'source' });
  },
});

function specOf(values: Flags): HelmChart['spec'] {
  const { kind, name } = parseChartSource(values.source);
  const version = values['chart-version'];
  const verify = verifyOf(values);
  return {
    chart: values.chart,
    ...(version ? { version } : {}),
    sourceRef: { kind, name },
    interval: '0s', // as flux prints it: --interval is not for charts
    reconcileStrategy: strategyOf(values['reconcile-strategy']),
    ...(verify ? { verify } : {}),
  };
}

function strategyOf(text: string): (typeof strategies)[number] {
  const known = strategies.find((each) => each === text);
  if (known) return known;
  throw new UsageError(`'${text}' is an invalid reconcile strategy(valid: ${strategies.join(', ')})`);
}

function verifyOf(values: Flags): HelmChart['spec']['verify'] {
  const provider = verifiers.find((each) => each === values['verify-provider']);
  const [secret, issuer, subject] = [values['verify-secret-ref'], values['verify-issuer'], values['verify-subject']];
  if (!provider) {
    if (secret) throw new UsageError('a verification provider must be specified when a secret is specified');
    if (issuer || subject) {
      throw new UsageError('a verification provider must be specified when OIDC issuer/subject is specified');
    }
    return undefined;
  }
  return {
    provider,
    ...(secret ? { secretRef: { name: secret } } : {}),
    ...(issuer || subject ? { matchOIDCIdentity: [{ issuer, subject }] } : {}),
  };
}
