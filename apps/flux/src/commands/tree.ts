import { defineCommand, defineGroup } from '../command/command.ts';
import { UsageError } from '../command/errors.ts';
import { boolFlag, stringFlag } from '../command/flag.ts';
import { completeNames } from '../complete-names.ts';
import { kustomizationView } from '../kinds/kustomization.ts';
import { formatTree, treeDocument } from '../tree/format-tree.ts';
import { kustomizationTree } from '../tree/kustomization-tree.ts';

const treeKustomization = defineCommand({
  usage: '[name]',
  doc: 'The tree command prints the resources reconciled by a Kustomization.',
  example:
    '  # Print the resources managed by the root Kustomization\n  flux tree kustomization flux-system\n\n  # Print the Flux resources managed by the root Kustomization\n  flux tree kustomization flux-system --compact',
  flags: {
    compact: boolFlag('list Flux resources only.'),
    output: stringFlag("the format in which the tree should be printed. can be 'json' or 'yaml'", { short: 'o' }),
  },
  async run(context, { args: [name], flags }) {
    if (!name) throw new UsageError('kustomization name is required');
    const cluster = await context.cluster();
    const tree = await kustomizationTree(cluster, { namespace: context.namespace, name }, flags.compact);
    if (flags.output === 'json') context.out.data(`${JSON.stringify(treeDocument(tree), null, 2)}\n`);
    else if (flags.output === 'yaml') {
      const { formatYaml } = await import('@flux/yaml');
      context.out.data(`${formatYaml(treeDocument(tree))}\n`);
    } else context.out.data(`${formatTree(tree)}\n`);
  },
  complete: (context, _, typed) => completeNames(context, kustomizationView.kind, typed),
});

export const tree = defineGroup({
  doc: 'The tree command shows the list of resources reconciled by a Flux object.',
  children: [
    {
      name: 'kustomization',
      aliases: ['ks', 'kustomizations'],
      summary: 'Print the resource inventory of a Kustomization',
      load: async () => treeKustomization,
    },
  ],
});
