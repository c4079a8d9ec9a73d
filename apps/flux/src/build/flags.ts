import { boolFlag, type FlagValues, listFlag, stringFlag } from '../command/flag.ts';

/** Flags of local builds, shared by `build` and `diff`. */
export const localBuildFlags = {
  'ignore-paths': listFlag('set paths to ignore in .gitignore format.'),
  'in-memory-build': boolFlag('build in memory; builds never touch the directory, so this changes nothing', {
    hidden: true,
  }),
  'kustomization-file': stringFlag('path to the Flux Kustomization YAML file'),
  'local-sources': listFlag('comma-separated list of repositories in format: Kind/namespace/name=path'),
  path: stringFlag('path to the manifests location'),
  recursive: boolFlag('recursively build Kustomizations', { short: 'r' }),
  'strict-substitute': boolFlag(
    'when enabled, the post build substitutions will fail if a var without a default value is declared in files but is missing from the input vars',
  ),
};

export type LocalBuildFlags = FlagValues<typeof localBuildFlags>;
