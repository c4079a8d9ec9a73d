import { resolve } from 'node:path';
import { defineCommand } from '../command/command.ts';
import { boolFlag, stringFlag } from '../command/flag.ts';

export const down = defineCommand({
  doc: 'The down command stops the cluster that "flux up" started on this machine.',
  example:
    '  # Stop it; the next "flux up" goes on from there\n  flux down\n\n  # Stop it and forget everything\n  flux down --purge',
  anyNamespace: true,
  takes: { max: 0 },
  flags: {
    'data-dir': stringFlag('data directory of the cluster to stop (default $FLUX_DATA_DIR, else .flux)'),
    purge: boolFlag('also remove the data directory'),
  },
  async run(context, { flags }) {
    const { runDown } = await import('@flux/manager');
    await runDown({
      purge: flags.purge,
      ...(flags['data-dir'] ? { dataDirectory: resolve(context.cwd, flags['data-dir']) } : {}),
      print: (line) => context.out.note(`${line}\n`),
    });
  },
});
