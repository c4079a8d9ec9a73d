import { resolve } from 'node:path';
import { defineCommand } from '../command/command.ts';
import { UsageError } from '../command/errors.ts';
import { boolFlag, enumFlag, stringFlag } from '../command/flag.ts';

const restrictors = ['LoadRestrictionsRootOnly', 'LoadRestrictionsNone'] as const;
const orders = ['legacy', 'none'] as const;

export const buildDir = defineCommand({
  usage: '[DIR]',
  doc: `The build dir command prints what 'kustomize build DIR' prints: the resources of the kustomization in a folder, or in a
Git repository that a URL names, with all fields of the kustomization API. It needs neither kustomize nor a cluster.
If DIR is omitted, '.' is assumed.`,
  example: `  # Build the overlay in a folder
  flux build dir ./clusters/production

  # Build an overlay that uses files outside of its folder
  flux build dir ./clusters/production --load-restrictor LoadRestrictionsNone

  # Render the charts of the helmCharts field as well
  flux build dir ./clusters/production --enable-helm

  # Write a file for each resource into an existing folder
  flux build dir ./clusters/production -o ./out`,
  flags: {
    'enable-helm': boolFlag('render the charts of the helmCharts field'),
    'load-restrictor': enumFlag(
      "if set to 'LoadRestrictionsNone', local kustomizations may load files from outside their root",
      restrictors,
      { default: 'LoadRestrictionsRootOnly', refuse: (text) => refuse('load-restrictor', text, restrictors) },
    ),
    output: stringFlag('write to this file, or one file per resource into this folder when it exists', { short: 'o' }),
    reorder: enumFlag("order of the output where the kustomization has no 'sortOptions'", orders, {
      refuse: (text) => refuse('reorder', text, orders),
    }),
  },
  anyNamespace: true,
  async run(context, { args, flags }) {
    if (args.length > 1) throw new UsageError('specify one path to kustomization.yaml');
    const { printFolder } = await import('../build/print-folder.ts');
    await printFolder(context.out, {
      target: args[0] ?? '.',
      cwd: context.cwd,
      restrictsLoads: flags['load-restrictor'] !== 'LoadRestrictionsNone',
      reorder: flags.reorder === '' ? 'unspecified' : flags.reorder,
      rendersHelm: flags['enable-helm'],
      now: context.now,
      output: flags.output === '' ? undefined : resolve(context.cwd, flags.output),
    });
  },
});

function refuse(flag: string, text: string, choices: readonly string[]): string {
  return `illegal flag value --${flag} ${text}; legal values: [${choices.join(' ')}]`;
}
