import { defineCommand } from '../command/command.ts';
import { ExitError } from '../command/errors.ts';
import { boolFlag } from '../command/flag.ts';
import { findDistribution } from '../install/distribution.ts';
import { removeComponents, removeDefinitions, removeFinalizers, removeNamespace } from '../install/remove.ts';

export const uninstall = defineCommand({
  doc: 'The uninstall command removes the Flux components and the toolkit.fluxcd.io resources from the cluster.\nObjects that Flux applied stay.',
  example:
    '  # Uninstall Flux components, its custom resources and namespace\n  flux uninstall --namespace=flux-system\n\n  # Uninstall Flux but keep the namespace\n  flux uninstall --namespace=infra --keep-namespace=true',
  takes: { max: 0 },
  flags: {
    'dry-run': boolFlag('only print the objects that would be deleted'),
    'keep-namespace': boolFlag('skip namespace deletion'),
    silent: boolFlag('delete components without asking for confirmation', { short: 's' }),
  },
  async run(context, { flags }) {
    const { out, namespace } = context;
    const dryRun = flags['dry-run'];
    const cluster = await context.cluster();
    if (!dryRun && !flags.silent) {
      const managedBy = (await findDistribution(cluster))?.managedBy;
      const warning = managedBy && managedBy !== 'flux' ? ` managed by ${managedBy}` : '';
      const isSure = await context.confirm(
        `Are you sure you want to delete Flux${warning} and its custom resource definitions`,
      );
      if (!isSure) throw new ExitError('aborting', 1);
    }
    const removal = { cluster, out, namespace, dryRun };
    out.action(`deleting components in ${namespace} namespace`);
    await removeComponents(removal);
    out.action('deleting toolkit.fluxcd.io finalizers in all namespaces');
    await removeFinalizers(removal);
    out.action('deleting toolkit.fluxcd.io custom resource definitions');
    await removeDefinitions(removal);
    if (!flags['keep-namespace']) await removeNamespace(removal);
    out.success('uninstall finished');
  },
});
