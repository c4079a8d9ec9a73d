import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type HelmRelease, helmRelease } from '@flux/api';
import type { JsonObject } from '@flux/apimachinery';
import { formatDuration } from '@flux/gotypes';
import { defineCommand } from '../command/command.ts';
import { UsageError } from '../command/errors.ts';
import { boolFlag, durationFlag, enumFlag, type FlagValues, listFlag, stringFlag } from '../command/flag.ts';
import type { Context } from '../context.ts';
import { helmReleaseView } from '../kinds/helm-release.ts';
import { createFlags } from './flags.ts';
import { parseLabels, requireName } from './metadata.ts';
import { chartSourceFlag, parseChartSource, parseDependency, parseReference } from './source-reference.ts';
import { printManifests, submit } from './submit.ts';

const chartKinds = ['OCIRepository', 'HelmChart'] as const;
const valuesKinds = ['Secret', 'ConfigMap'] as const;
const strategies = ['Revision', 'ChartVersion'] as const;
const crdPolicies = ['Skip', 'Create', 'CreateReplace'] as const;

const flags = {
  chart: stringFlag('Helm chart name or path'),
  'chart-interval': durationFlag('the interval of which to check for new chart versions'),
  'chart-ref': stringFlag(
    `the name of an existing object that holds the chart in the format '<kind>/<name>.<namespace>', where kind must be one of: (${chartKinds.join(', ')})`,
  ),
  'chart-version': stringFlag(
    'Helm chart version, accepts a semver range (ignored for charts from GitRepository sources)',
  ),
  crds: enumFlag(`upgrade CRDs policy, available options are: (${crdPolicies.join(', ')})`, crdPolicies, {
    refuse: (text) => `unsupported upgrade CRDs policy '${text}', must be one of: ${crdPolicies.join(', ')}`,
  }),
  'create-target-namespace': boolFlag('create the target namespace if it does not exist'),
  'depends-on': listFlag(
    "HelmReleases that must be ready before this release can be installed, supported formats '<name>' and '<namespace>/<name>'",
  ),
  'kubeconfig-secret-ref': stringFlag(
    'the name of the Kubernetes Secret that contains a key with the kubeconfig file for connecting to a remote cluster',
  ),
  'reconcile-strategy': stringFlag(
    'the reconcile strategy for helm chart created by the helm release(accepted values: Revision and ChartRevision)',
    {
      default: 'ChartVersion',
    },
  ),
  'release-name': stringFlag(
    "name used for the Helm release, defaults to a composition of '[<target-namespace>-]<HelmRelease-name>'",
  ),
  'service-account': stringFlag('the name of the service account to impersonate when reconciling this HelmRelease'),
  source: chartSourceFlag('<kind>/<name>.<namespace>'),
  'storage-namespace': stringFlag('namespace to store the Helm release, defaults to the target namespace'),
  'target-namespace': stringFlag('namespace to install this release, defaults to the HelmRelease namespace'),
  values: listFlag('local path to values.yaml files, also accepts comma-separated values'),
  'values-from': listFlag(
    `a Kubernetes object reference that contains the values.yaml data key in the format '<kind>/<name>', where kind must be one of: (${valuesKinds.join(',')})`,
  ),
};

type Flags = FlagValues<typeof flags & typeof createFlags>;

export default defineCommand({
  usage: '[name]',
  doc: 'The create helmrelease command generates a HelmRelease resource for a given HelmRepository source.',
  example: `  # Create a HelmRelease with a chart from a HelmRepository source
  flux create hr podinfo --interval=10m --source=HelmRepository/podinfo --chart=podinfo --chart-version=">4.0.0"

  # Write it to a file instead of applying it
  flux create hr podinfo --source=HelmRepository/podinfo --chart=podinfo --values=./values.yaml --export > podinfo.yaml`,
  anyNamespace: true,
  inherits: createFlags,
  flags,
  async run(context, { args, flags: values }) {
    const name = requireName(args);
    if (!values.chart && !values['chart-ref']) throw new UsageError('chart or chart-ref is required');
    if (values.chart && values['chart-ref']) throw new UsageError('cannot use --chart in combination with --chart-ref');
    const object: HelmRelease = {
      apiVersion: helmRelease.apiVersion,
      kind: helmRelease.kind,
      metadata: { name, namespace: context.namespace, labels: parseLabels(values.label) },
      spec: { ...specOf(values), ...(await valuesOf(context, values)) },
    };
    if (values.export) return printManifests(context, helmReleaseView.kind, object);
    context.out.generate('generating HelmRelease');
    const ready = await submit(context, helmReleaseView.kind, object, 'HelmRelease');
    context.out.success(`HelmRelease ${name} is ready`);
    context.out.success(helmReleaseView.success(ready));
  },
});

function specOf(values: Flags): HelmRelease['spec'] {
  const [release, target, account] = [values['release-name'], values['target-namespace'], values['service-account']];
  const storage = values['storage-namespace'] || target;
  const kubeConfig = values['kubeconfig-secret-ref'];
  return {
    ...chartOf(values),
    interval: formatDuration(values.interval),
    ...(release ? { releaseName: release } : {}),
    ...(target ? { targetNamespace: target } : {}),
    ...(storage ? { storageNamespace: storage } : {}),
    ...(values['depends-on'].length > 0 ? { dependsOn: values['depends-on'].map(parseDependency) } : {}),
    ...(account ? { serviceAccountName: account } : {}),
    ...(kubeConfig ? { kubeConfig: { secretRef: { name: kubeConfig } } } : {}),
    ...actionsOf(values),
  };
}

function chartOf(values: Flags): Pick<HelmRelease['spec'], 'chart' | 'chartRef'> {
  if (!values.chart) return { chartRef: parseReference(values['chart-ref'], chartKinds, 'chart reference') };
  if (!values.source) throw new UsageError('a source is required, set it with --source');
  const strategy = strategies.find((each) => each === values['reconcile-strategy']);
  if (!strategy) {
    throw new UsageError(
      `'${values['reconcile-strategy']}' is an invalid reconcile strategy(valid: ${strategies.join(', ')})`,
    );
  }
  const version = values['chart-version'];
  const spec = {
    chart: values.chart,
    ...(version ? { version } : {}),
    sourceRef: parseChartSource(values.source),
    reconcileStrategy: strategy,
    ...(values['chart-interval'] > 0 ? { interval: formatDuration(values['chart-interval']) } : {}),
  };
  return { chart: { spec } };
}

/** An upgrade policy comes with the creation of CRDs on install (spec cli 9). */
function actionsOf(values: Flags): Pick<HelmRelease['spec'], 'install' | 'upgrade'> {
  const { crds } = values;
  const install = {
    ...(values['create-target-namespace'] ? { createNamespace: true } : {}),
    ...(crds ? { crds: 'Create' as const } : {}),
  };
  return {
    ...(Object.keys(install).length > 0 ? { install } : {}),
    ...(crds ? { upgrade: { crds } } : {}),
  };
}

async function valuesOf(context: Context, values: Flags): Promise<Pick<HelmRelease['spec'], 'values' | 'valuesFrom'>> {
  const { mergeTables, parseValues } = await import('@flux/helm');
  let merged: Record<string, unknown> = {};
  for (const path of values.values) {
    const data = await readFile(resolve(context.cwd, path)).catch((error: Error) => {
      throw new UsageError(`reading values from ${path} failed: ${error.message}`);
    });
    merged = mergeTables(merged, parseValues(data, path));
  }
  const references = values['values-from'].map((text) => {
    const { kind, name } = parseReference(text, valuesKinds, 'values');
    return { kind, name };
  });
  return {
    ...(references.length > 0 ? { valuesFrom: references } : {}),
    ...(Object.keys(merged).length > 0 ? { values: merged as JsonObject } : {}),
  };
}
