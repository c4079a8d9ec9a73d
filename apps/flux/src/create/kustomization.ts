import { type Kustomization, kustomization } from '@flux/api';
import { formatDuration } from '@flux/gotypes';
import { defineCommand } from '../command/command.ts';
import { UsageError } from '../command/errors.ts';
import { boolFlag, checkedFlag, durationFlag, type FlagValues, listFlag, stringFlag } from '../command/flag.ts';
import { kustomizationView } from '../kinds/kustomization.ts';
import { createFlags } from './flags.ts';
import { parseLabels, parseObjectName, requireName } from './metadata.ts';
import { parseDependency } from './source-reference.ts';
import { printManifests, submit } from './submit.ts';

const sourceKinds = ['OCIRepository', 'GitRepository', 'Bucket', 'ExternalArtifact'] as const;
const checkedKinds = ['HelmRelease', 'Deployment', 'DaemonSet', 'StatefulSet'];

const flags = {
  'decryption-provider': checkedFlag(
    'decryption provider, available options are: (sops)',
    'decryptionProvider',
    (text) => {
      if (text !== 'sops') throw new UsageError(`decryption provider '${text}' is not supported, must be one of: sops`);
      return text;
    },
  ),
  'decryption-secret': stringFlag(
    'set the Kubernetes secret name that contains the OpenPGP private keys used for sops decryption',
  ),
  'depends-on': listFlag(
    "Kustomization that must be ready before this Kustomization can be applied, supported formats '<name>' and '<namespace>/<name>'",
  ),
  'health-check': listFlag(
    "workload to be included in the health assessment, in the format '<kind>/<name>.<namespace>'",
  ),
  'health-check-timeout': durationFlag('timeout of health checking operations', { default: '2m0s' }),
  'kubeconfig-secret-ref': stringFlag(
    'the name of the Kubernetes Secret that contains a key with the kubeconfig file for connecting to a remote cluster',
  ),
  path: checkedFlag(
    'path to the directory containing a kustomization.yaml file',
    'safeRelativePath',
    safeRelativePath,
    { default: './' },
  ),
  prune: boolFlag('enable garbage collection'),
  'retry-interval': durationFlag('the interval at which to retry a previously failed reconciliation'),
  'service-account': stringFlag('the name of the service account to impersonate when reconciling this Kustomization'),
  source: checkedFlag(
    "source that contains the Kubernetes manifests in the format '[<kind>/]<name>.<namespace>', where kind must be one of: (OCIRepository, GitRepository, Bucket, ExternalArtifact), if kind is not specified it defaults to GitRepository",
    'kustomizationSource',
    checkSource,
  ),
  'target-namespace': stringFlag(
    'overrides the namespace of all Kustomization objects reconciled by this Kustomization',
  ),
  validation: stringFlag('this arg is deprecated and no longer used', { hidden: true }),
  wait: boolFlag('enable health checking of all the applied resources'),
};

type Flags = FlagValues<typeof flags & typeof createFlags>;

export default defineCommand({
  usage: '[name]',
  doc: 'The create kustomization command generates a Kustomization resource for a given source.',
  example: `  # Create a Kustomization from a source at a given path
  flux create kustomization podinfo --source=podinfo --path="./kustomize" --prune=true --wait=true

  # Write it to a file instead of applying it
  flux create kustomization podinfo --source=podinfo --path="./kustomize" --export > podinfo.yaml`,
  anyNamespace: true,
  inherits: createFlags,
  flags,
  async run(context, { args, flags: values }) {
    const name = requireName(args);
    if (!values.path.startsWith('./')) throw new UsageError('path must begin with ./');
    if (!values.source) throw new UsageError('source is required');
    const labels = parseLabels(values.label);
    const object: Kustomization = {
      apiVersion: kustomization.apiVersion,
      kind: kustomization.kind,
      metadata: { name, namespace: context.namespace, labels },
      spec: specOf(values),
    };
    if (values.export) return printManifests(context, kustomizationView.kind, object);
    context.out.generate('generating Kustomization');
    const ready = await submit(context, kustomizationView.kind, object, 'Kustomization');
    context.out.success(`Kustomization ${name} is ready`);
    context.out.success(kustomizationView.success(ready));
  },
});

function specOf(values: Flags): Kustomization['spec'] {
  const source = parseObjectName(values.source);
  return {
    interval: formatDuration(values.interval),
    path: values.path,
    prune: values.prune,
    sourceRef: {
      kind: (source.kind ?? 'GitRepository') as Kustomization['spec']['sourceRef']['kind'],
      name: source.name,
      ...(source.namespace ? { namespace: source.namespace } : {}),
    },
    ...(values['depends-on'].length > 0 ? { dependsOn: values['depends-on'].map(parseDependency) } : {}),
    ...(values['target-namespace'] ? { targetNamespace: values['target-namespace'] } : {}),
    ...(values['service-account'] ? { serviceAccountName: values['service-account'] } : {}),
    ...(values['retry-interval'] > 0 ? { retryInterval: formatDuration(values['retry-interval']) } : {}),
    ...(values['kubeconfig-secret-ref']
      ? { kubeConfig: { secretRef: { name: values['kubeconfig-secret-ref'] } } }
      : {}),
    ...healthOf(values),
    ...decryptionOf(values),
  };
}

function healthOf(values: Flags): Partial<Kustomization['spec']> {
  const timeout = formatDuration(values['health-check-timeout']);
  if (values.wait) return { wait: true, timeout };
  if (values['health-check'].length === 0) return {};
  return { healthChecks: values['health-check'].map(parseHealthCheck), timeout };
}

function decryptionOf(values: Flags): Partial<Kustomization['spec']> {
  if (values['decryption-provider'] !== 'sops') return {};
  const name = values['decryption-secret'];
  return { decryption: { provider: 'sops', ...(name ? { secretRef: { name } } : {}) } };
}

function parseHealthCheck(text: string) {
  const [kind = '', rest, ...more] = text.split('/');
  const [name, namespace, ...excess] = (rest ?? '').split('.');
  if (rest === undefined || more.length > 0 || !name || !namespace || excess.length > 0) {
    throw new UsageError(`invalid health check '${text}' must be in the format 'kind/name.namespace'`);
  }
  if (!checkedKinds.includes(kind)) {
    throw new UsageError(
      `invalid health check kind '${kind}' can be HelmRelease, Deployment, DaemonSet or StatefulSet`,
    );
  }
  return { kind, name, namespace, ...(kind === 'HelmRelease' ? { apiVersion: 'helm.toolkit.fluxcd.io/v2' } : {}) };
}

function checkSource(text: string): string {
  if (text.trim() === '') {
    throw new UsageError(`no Kustomization source given, must be one of: ${sourceKinds.join(', ')}`);
  }
  const { kind, ...rest } = parseObjectName(text);
  if (kind === undefined) return text;
  const known = sourceKinds.find((each) => each.toLowerCase() === kind.toLowerCase());
  if (!known) throw new UsageError(`source kind '${kind}' is not supported, must be one of: ${sourceKinds.join(', ')}`);
  return `${known}/${rest.name}${rest.namespace ? `.${rest.namespace}` : ''}`;
}

/** A path below the current directory, flattened so that it cannot leave it. */
function safeRelativePath(text: string): string {
  const parts: string[] = [];
  for (const part of text.trim().split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `./${parts.join('/')}`;
}
