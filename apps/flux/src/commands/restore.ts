import { defineCommand } from '../command/command.ts';
import { UsageError } from '../command/errors.ts';
import { boolFlag, stringFlag } from '../command/flag.ts';

export const restore = defineCommand({
  usage: '[file]',
  doc: `The restore command brings what "flux backup" wrote into a cluster: definitions that the cluster lacks, namespaces,
Secrets, ConfigMaps and accounts, then the objects of Flux. These are created suspended, get their status with the
inventory of what they applied, so that nothing is applied, upgraded or pruned twice, and are resumed at the end.

A HelmRelease goes on with the release that Helm's Secrets describe when objects of it are in the cluster, as after the
loss of Flux alone; in an empty cluster it is installed anew.

Objects that are in the cluster already and differ from the archive stop the restore before it begins; --overwrite replaces
them, keeping their own status. What is equal is left alone, so an interrupted restore is simply run again.`,
  example: `  # See what would change
  flux restore flux-backup.tar.gz --dry-run

  # Restore into a cluster, for example a new one after "flux install"
  flux restore flux-backup.tar.gz

  # Restore an encrypted archive and look around before anything runs
  flux restore flux-backup.tar.gz.age --age-identity-file=key.txt --suspend
  flux resume kustomization --all --namespace=flux-system

  # Restore into the data directory of a "flux up" that does not run
  flux restore flux-backup.tar.gz --data-dir=.flux`,
  takes: { max: 1 },
  anyNamespace: true,
  flags: {
    'age-identity-file': stringFlag('file with the private age key of an encrypted archive'),
    'data-dir': stringFlag('write into the data directory of a stopped "flux up"'),
    'dry-run': boolFlag('only print what would change'),
    overwrite: boolFlag('replace objects that are in the cluster and differ from the archive'),
    suspend: boolFlag('leave the objects of Flux suspended'),
  },
  async run(context, { args, flags }) {
    const [file] = args;
    if (!file) throw new UsageError('the archive is required: a file, or - for the standard input');
    const { runRestore } = await import('../restore/run-restore.ts');
    await runRestore(context, {
      file,
      ...(flags['age-identity-file'] ? { identityFile: flags['age-identity-file'] } : {}),
      ...(flags['data-dir'] ? { dataDirectory: flags['data-dir'] } : {}),
      dryRun: flags['dry-run'],
      overwrite: flags.overwrite,
      suspend: flags.suspend,
    });
  },
});
