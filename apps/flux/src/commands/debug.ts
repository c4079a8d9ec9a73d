import { type Kustomization, kustomization } from '@flux/api';
import { postBuildVariables } from '../build/variables.ts';
import { defineCommand, defineGroup } from '../command/command.ts';
import { UsageError } from '../command/errors.ts';
import { boolFlag } from '../command/flag.ts';
import { completeNames } from '../complete-names.ts';
import { kustomizationView } from '../kinds/kustomization.ts';
import { refTo } from '../objects.ts';

const documentation = 'https://fluxcd.io/flux/components/kustomize/kustomizations';

const debugKustomization = defineCommand({
  usage: '[name]',
  doc: `The debug kustomization command can be used to troubleshoot failing Flux Kustomization reconciliations.
WARNING: This command will print sensitive information if Kubernetes Secrets are referenced in the Kustomization .spec.postBuild.substituteFrom field.`,
  example:
    '  # Print the status of a Flux Kustomization\n  flux debug ks podinfo --show-status\n\n  # Export the final variables used for post-build substitutions composed from referred ConfigMaps and Secrets\n  flux debug ks podinfo --show-vars > vars.env',
  flags: {
    'show-history': boolFlag('print the reconciliation history of the Flux Kustomization'),
    'show-status': boolFlag('print the status of the Flux Kustomization'),
    'show-vars': boolFlag('print the final vars of the Flux Kustomization in dot env format'),
  },
  async run(context, { args: [name], flags }) {
    if ([flags['show-history'], flags['show-status'], flags['show-vars']].filter(Boolean).length !== 1) {
      throw new UsageError('exactly one of --show-status, --show-vars, or --show-history must be set');
    }
    if (!name) throw new UsageError('name is required');
    const cluster = await context.cluster();
    const object = kustomization.read(await cluster.get(refTo(kustomizationView.kind, context.namespace, name)));
    if (flags['show-vars']) return context.out.data(await formatVariables(object, cluster));
    const { formatYaml } = await import('@flux/yaml');
    const text = flags['show-history']
      ? `# History documentation: ${documentation}/#history\n${formatYaml(object.status?.history ?? [])}`
      : `# Status documentation: ${documentation}/#kustomization-status\n${formatYaml(object.status ?? {})}`;
    context.out.data(text);
  },
  complete: (context, _, typed) => completeNames(context, kustomizationView.kind, typed),
});

async function formatVariables(
  object: Kustomization,
  cluster: Parameters<typeof postBuildVariables>[1],
): Promise<string> {
  const variables = await postBuildVariables(object, cluster);
  const names = Object.keys(variables).sort();
  return names.map((name) => `${name}=${variables[name]}\n`).join('');
}

export const debug = defineGroup({
  doc: 'The debug sub-commands can be used to troubleshoot failing resource reconciliations.',
  children: [
    {
      name: 'helmrelease',
      aliases: ['hr'],
      summary: 'Debug a HelmRelease resource',
      load: async () => (await import('./debug-helmrelease.ts')).debugHelmRelease,
    },
    {
      name: 'kustomization',
      aliases: ['ks'],
      summary: 'Debug a Flux Kustomization resource',
      load: async () => debugKustomization,
    },
  ],
});
