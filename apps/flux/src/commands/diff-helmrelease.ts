import { defineCommand } from '../command/command.ts';
import { ExitError, UsageError } from '../command/errors.ts';
import { stringFlag } from '../command/flag.ts';
import { completeNames } from '../complete-names.ts';
import { describeFailure } from '../describe-failure.ts';
import { releaseFlags } from '../helm-release/flags.ts';
import { helmReleaseView } from '../kinds/helm-release.ts';

const changedMessage = 'identified at least one change, exiting with non-zero exit code';

export const diffHelmRelease = defineCommand({
  usage: '[name]',
  doc: `The diff helmrelease command renders a HelmRelease as helm-controller would, and prints what releasing it would change in the
cluster, by server-side dry-runs. With --against it compares two repository folders instead and needs no cluster.
Exit status: 0 No differences were found. 1 Differences were found. >1 diff failed with an error.`,
  example: `  # Preview what the folder's HelmRelease would change in the cluster
  flux diff helmrelease podinfo --namespace apps --path ./clusters/production

  # Compare with another working copy, without a cluster
  flux diff helmrelease podinfo --namespace apps --path ./clusters/production --against ../main/clusters/production`,
  flags: {
    ...releaseFlags,
    against: stringFlag('repository folder with the former state, to compare without a cluster'),
  },
  async run(context, { args: [name], flags }) {
    if (!name) throw new UsageError('helmrelease name is required');
    const { printReleaseDiff } = await import('../helm-release/print-release-diff.ts');
    const hasChanged = await printReleaseDiff(context, name, flags).catch((error: unknown) => {
      throw new ExitError(describeFailure(error), 2);
    });
    if (hasChanged) throw new ExitError(changedMessage, 1, 'warning');
  },
  complete: (context, _, typed) => completeNames(context, helmReleaseView.kind, typed),
});
