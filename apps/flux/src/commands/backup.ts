import { defineCommand } from '../command/command.ts';
import { UsageError } from '../command/errors.ts';
import { boolFlag, repeatedFlag, stringFlag } from '../command/flag.ts';
import { globalFlags } from '../global-flags.ts';

export const backup = defineCommand({
  doc: `The backup command writes one archive of the state of Flux: its objects of every kind with their status, the
definitions and namespaces of these, the Secrets, ConfigMaps and ServiceAccounts that they refer to with the access of
the accounts, and the releases of HelmReleases as Helm stores them. Everything is of the same moment.

What Flux applied (Deployments, Services…) is not in it: it comes from the sources again. With --all the archive
holds everything that is in the API server that "flux up" runs; on a real cluster this is the task of other tools.

The archive is a tar.gz of one YAML file an object, behind an index with their digests. It holds Secrets:
encrypt it with --age-recipient, or leave them out with --no-secrets. "flux restore" reads it.`,
  example: `  # Back up all namespaces into flux-backup.tar.gz
  flux backup

  # Encrypted for two keys, each of which can decrypt it alone
  flux backup --age-recipient=age1… --age-recipient=age1… --output=flux-backup.tar.gz.age

  # One tenant, without Secrets
  flux backup --namespace=team-a --no-secrets --output=team-a.tar.gz

  # Everything that is in the cluster of "flux up", also while it is stopped
  flux backup --all
  flux backup --all --data-dir=.flux

  # See what an archive holds, without restoring it
  flux backup --output=- | tar -tzf -`,
  takes: { max: 0 },
  inherits: globalFlags,
  flags: {
    all: boolFlag('back up everything in the API server of "flux up", not only what belongs to Flux'),
    'all-namespaces': boolFlag('back up all namespaces, the default without --namespace', { short: 'A' }),
    'age-recipient': repeatedFlag('public age key to encrypt the archive for, can be repeated'),
    'data-dir': stringFlag('read the state of a stopped "flux up" from its data directory'),
    'no-secrets': boolFlag('leave out all Secrets, and so the releases of HelmReleases'),
    output: stringFlag(
      'file to write, - for the standard output (default flux-backup.tar.gz, with .age when encrypted)',
      {
        short: 'o',
      },
    ),
  },
  async run(context, { flags, changed }) {
    const one = changed('namespace') ? context.namespace : undefined;
    if (one !== undefined && flags['all-namespaces']) {
      throw new UsageError('--namespace and --all-namespaces exclude each other');
    }
    const { runBackup } = await import('../backup/run-backup.ts');
    await runBackup(context, {
      all: flags.all,
      secrets: !flags['no-secrets'],
      recipients: flags['age-recipient'],
      ...(one === undefined ? {} : { namespace: one }),
      ...(flags['data-dir'] ? { dataDirectory: flags['data-dir'] } : {}),
      output: flags.output,
    });
  },
});
