import { defineCommand } from '../command/command.ts';
import { UsageError } from '../command/errors.ts';
import { boolFlag } from '../command/flag.ts';
import { completeNames } from '../complete-names.ts';
import { releaseFlags } from '../helm-release/flags.ts';
import { helmReleaseView } from '../kinds/helm-release.ts';

export const buildHelmRelease = defineCommand({
  usage: '[name]',
  doc: `The build helmrelease command prints what helm-controller would release: the chart rendered with the values of the
HelmRelease, post renderers applied. HelmRelease, sources and values are read from the folder --path, and from the cluster
where the folder has none; with --dry-run the cluster is not asked.
WARNING: This command prints sensitive information if the values come from Kubernetes Secrets.`,
  example: `  # Render a HelmRelease as it is in the cluster
  flux build helmrelease podinfo --namespace apps

  # Render the HelmRelease of a repository folder without a cluster; its chart comes from the folder or its repository
  flux build helmrelease podinfo --namespace apps --path ./clusters/production --dry-run

  # Render it with another chart
  flux build helmrelease podinfo --namespace apps --path ./clusters/production --chart ./charts/podinfo --dry-run`,
  flags: {
    ...releaseFlags,
    'dry-run': boolFlag('do not connect to the cluster; lookups of templates find nothing'),
  },
  async run(context, { args: [name], flags }) {
    if (!name) throw new UsageError('helmrelease name is required');
    const { printRelease } = await import('../helm-release/print-release.ts');
    await printRelease(context, name, flags);
  },
  complete: (context, _, typed) => completeNames(context, helmReleaseView.kind, typed),
});
