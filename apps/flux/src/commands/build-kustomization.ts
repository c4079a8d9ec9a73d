import { resolve } from 'node:path';
import { localBuildFlags } from '../build/flags.ts';
import { isDirectory, isFile } from '../build/paths.ts';
import { defineCommand } from '../command/command.ts';
import { UsageError } from '../command/errors.ts';
import { boolFlag } from '../command/flag.ts';
import { completeNames } from '../complete-names.ts';
import { kustomizationView } from '../kinds/kustomization.ts';

export const buildKustomization = defineCommand({
  usage: '',
  doc: `The build command queries the Kubernetes API and fetches the specified Flux Kustomization.
It then uses the fetched in cluster flux kustomization to perform needed transformation on the local kustomization.yaml
pointed at by --path. The local kustomization.yaml is generated if it does not exist. Finally it builds the overlays using the local kustomization.yaml, and write the resulting multi-doc YAML to stdout.`,
  example: `  # Build the local manifests as they were built on the cluster
  flux build kustomization my-app --path ./path/to/local/manifests

  # Build using a local flux kustomization file
  flux build kustomization my-app --path ./path/to/local/manifests --kustomization-file ./path/to/local/my-app.yaml

  # Build in dry-run mode without connecting to the cluster.
  flux build kustomization my-app --path ./path/to/local/manifests \\
    --kustomization-file ./path/to/local/my-app.yaml \\
    --dry-run

  # Run recursively on all encountered Kustomizations
  flux build kustomization my-app --path ./path/to/local/manifests \\
    --recursive \\
    --local-sources GitRepository/flux-system/my-repo=./path/to/local/git`,
  flags: {
    ...localBuildFlags,
    'dry-run': boolFlag('do not connect to the cluster; variables of ConfigMaps and Secrets are left out'),
  },
  async run(context, { args: [name], flags }) {
    if (!name) throw new UsageError('kustomization name is required');
    const path = resolve(context.cwd, flags.path);
    if (flags.path === '' || !(await isDirectory(path))) {
      throw new UsageError(`invalid resource path ${JSON.stringify(flags.path)}`);
    }
    const file = flags['kustomization-file'];
    if (flags['dry-run'] && file === '') throw new UsageError('dry-run mode requires a kustomization file');
    if (file !== '' && !(await isFile(resolve(context.cwd, file)))) {
      throw new UsageError(`invalid kustomization file ${JSON.stringify(file)}`);
    }
    const { printBuild } = await import('../build/print-build.ts');
    await printBuild(context, name, path, flags);
  },
  complete: (context, _, typed) => completeNames(context, kustomizationView.kind, typed),
});
