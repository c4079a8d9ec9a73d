import { resolve } from 'node:path';
import { localBuildFlags } from '../build/flags.ts';
import { isDirectory, isFile } from '../build/paths.ts';
import { defineCommand, defineGroup } from '../command/command.ts';
import { ExitError, UsageError } from '../command/errors.ts';
import { boolFlag } from '../command/flag.ts';
import { completeNames } from '../complete-names.ts';
import { describeFailure } from '../describe-failure.ts';
import { kustomizationView } from '../kinds/kustomization.ts';

const changedMessage = 'identified at least one change, exiting with non-zero exit code';

const diffKustomization = defineCommand({
  usage: '',
  doc: `The diff command does a build, then it performs a server-side dry-run and prints the diff.
Exit status: 0 No differences were found. 1 Differences were found. >1 diff failed with an error.`,
  example: `  # Preview local changes as they were applied on the cluster
  flux diff kustomization my-app --path ./path/to/local/manifests

  # Preview using a local flux kustomization file
  flux diff kustomization my-app --path ./path/to/local/manifests \\
    --kustomization-file ./path/to/local/my-app.yaml`,
  flags: {
    ...localBuildFlags,
    'ignore-not-found': boolFlag('treat a Kustomization that is not in the cluster as new; needs --kustomization-file'),
    'progress-bar': boolFlag('boolean to set the progress bar. The default value is true.', { default: true }),
  },
  async run(context, { args: [name], flags }) {
    if (!name) throw new UsageError('kustomization name is required');
    const path = resolve(context.cwd, flags.path);
    if (flags.path === '' || !(await isDirectory(path))) {
      throw new ExitError(`invalid resource path ${JSON.stringify(flags.path)}`, 2);
    }
    const file = flags['kustomization-file'];
    if (file !== '' && !(await isFile(resolve(context.cwd, file)))) {
      throw new UsageError(`invalid kustomization file ${JSON.stringify(file)}`);
    }
    const { printDiff } = await import('../diff/print-diff.ts');
    const hasChanged = await printDiff(context, name, path, flags).catch((error: unknown) => {
      throw new ExitError(describeFailure(error), 2);
    });
    if (hasChanged) throw new ExitError(changedMessage, 1, 'warning');
  },
  complete: (context, _, typed) => completeNames(context, kustomizationView.kind, typed),
});

export const diff = defineGroup({
  doc: 'The diff command is used to do a server-side dry-run on flux resources, then prints the diff.',
  children: [
    {
      name: 'helmrelease',
      aliases: ['hr'],
      summary: 'Diff HelmRelease',
      load: async () => (await import('./diff-helmrelease.ts')).diffHelmRelease,
    },
    { name: 'kustomization', aliases: ['ks'], summary: 'Diff Kustomization', load: async () => diffKustomization },
  ],
});
