import { defineCommand } from '../command/command.ts';
import { ExitError, UsageError } from '../command/errors.ts';
import { boolFlag, enumFlag, type FlagValues, listFlag, stringFlag } from '../command/flag.ts';
import type { Context } from '../context.ts';
import { managerName } from '../install/access.ts';
import { applyInstallation, applyPullSecret } from '../install/apply.ts';
import { chooseComponents, defaultComponents } from '../install/components.ts';
import { awaitDeployment } from '../install/deployment-status.ts';
import { findDistribution } from '../install/distribution.ts';
import { formatInstallation, installObjects } from '../install/manifests.ts';
import type { InstallOptions } from '../install/options.ts';
import { version } from '../version.ts';

const flags = {
  'cluster-domain': stringFlag('internal cluster domain', { default: 'cluster.local' }),
  components: listFlag('list of components, accepts comma-separated values', { default: defaultComponents }),
  'components-extra': listFlag(
    'list of components in addition to those supplied or defaulted, accepts comma-separated values',
  ),
  export: boolFlag('write the install manifests to stdout and exit'),
  force: boolFlag("override existing Flux installation if it's managed by a different tool such as Helm"),
  image: stringFlag("image of the controllers, instead of the registry's flux-manager"),
  'image-pull-secret': stringFlag(
    'Kubernetes secret name used for pulling the controller images from a private registry',
  ),
  'log-level': enumFlag('log level, available options are: (debug, info, error)', ['debug', 'info', 'error'], {
    default: 'info',
    refuse: (text) => `unsupported log level '${text}', must be one of: debug, info, error`,
  }),
  'network-policy': boolFlag(
    'setup Kubernetes network policies to deny ingress access to the controllers from other namespaces',
    {
      default: true,
    },
  ),
  registry: stringFlag('container registry where the Flux controller images are published', {
    default: 'ghcr.io/fluxcd',
  }),
  'registry-creds': stringFlag(
    "container registry credentials in the format 'user:password', requires --image-pull-secret to be set",
  ),
  'toleration-keys': listFlag(
    'list of toleration keys used to schedule the controller pods onto nodes with matching taints',
  ),
  version: stringFlag('toolkit version; this build installs its own only', { short: 'v' }),
  'watch-all-namespaces': boolFlag(
    'watch for custom resources in all namespaces, if set to false it will only watch the namespace where the Flux controllers are installed',
    {
      default: true,
    },
  ),
};

type Flags = FlagValues<typeof flags>;

export const install = defineCommand({
  doc: 'The install command deploys Flux in the specified namespace.\nIf a previous version is installed, then an in-place upgrade will be performed.',
  example: `  # Install Flux in the flux-system namespace
  flux install --namespace=flux-system

  # Install with an image of your own registry
  flux install --image=registry.example.com/flux-manager:v${version}

  # Write install manifests to file
  flux install --export > flux-system.yaml`,
  takes: { max: 0 },
  flags,
  async run(context, { flags: values }) {
    const { out, namespace } = context;
    const options = installOptions(context, values);
    const credentials = registryCredentials(values);
    if (values.export) return out.data(await formatInstallation(options));
    out.generate('generating manifests');
    const objects = installObjects(options);
    if (context.globals.verbose) out.data(await formatInstallation(options));
    out.success('manifests build completed');
    out.action(`installing components in ${namespace} namespace`);
    await confirmInstallation(context, values.force);
    await applyInstallation(context, objects);
    if (credentials) await applyPullSecret(context, options, credentials);
    await verifyInstallation(context);
    out.success('install finished');
  },
});

function installOptions({ namespace }: Context, values: Flags): InstallOptions {
  if (values.version && values.version !== `v${version}`) {
    throw new UsageError(
      `version ${values.version} cannot be installed by flux v${version}, which installs its own version only`,
    );
  }
  return {
    namespace,
    version: `v${version}`,
    components: chooseComponents(values.components, values['components-extra']),
    image: values.image || `${values.registry}/${managerName}:v${version}`,
    imagePullSecret: values['image-pull-secret'],
    clusterDomain: values['cluster-domain'],
    logLevel: values['log-level'],
    networkPolicy: values['network-policy'],
    watchAllNamespaces: values['watch-all-namespaces'],
    tolerationKeys: values['toleration-keys'],
  };
}

function registryCredentials(values: Flags): { username: string; password: string; registry: string } | undefined {
  const text = values['registry-creds'];
  if (!text) return undefined;
  if (!values['image-pull-secret']) throw new UsageError('--registry-creds requires --image-pull-secret to be set');
  const [username, password, ...more] = text.split(':');
  if (!username || password === undefined || more.length > 0) {
    throw new UsageError("invalid --registry-creds format, expected 'user:password'");
  }
  return { username, password, registry: values.registry };
}

/** An installation that something else looks after is not overwritten unasked (spec cli 3, step 5). */
async function confirmInstallation(context: Context, force: boolean): Promise<void> {
  const distribution = await findDistribution(await context.cluster());
  if (!distribution) return;
  if (distribution.bootstrapped) {
    throw new UsageError(
      `this cluster has already been bootstrapped with Flux ${distribution.version}! Please use 'flux bootstrap' to upgrade`,
    );
  }
  const { managedBy, version: installed } = distribution;
  if (force || managedBy === '' || managedBy === 'flux') return;
  context.out.note(`Flux ${installed} has been installed on this cluster with ${managedBy}!\n`);
  if (!(await context.confirm(`Are you sure you want to overwrite the ${managedBy} installation`))) {
    throw new UsageError('installation cancelled');
  }
}

async function verifyInstallation(context: Context): Promise<void> {
  const { out } = context;
  out.waiting('verifying installation');
  const status = await awaitDeployment(context, await context.cluster(), managerName);
  if (status !== 'ready') {
    out.failure(`${managerName}: deployment ${status}`);
    throw new ExitError('install failed', 1);
  }
  out.success(`${managerName}: deployment ready`);
}
