import { type FlagValues, listFlag, stringFlag } from '../command/flag.ts';

/** Flags of `build helmrelease` and `diff helmrelease`. */
export const releaseFlags = {
  'api-versions': listFlag(
    'API versions that the cluster has besides those of Kubernetes, for builds without a cluster',
  ),
  chart: stringFlag('folder or archive of the chart, in place of what the HelmRelease refers to'),
  'kube-version': stringFlag('version of Kubernetes, for builds without a cluster'),
  'local-sources': listFlag('comma-separated list of repositories in format: Kind/namespace/name=path'),
  path: stringFlag('repository folder with the manifests of the HelmRelease, its sources and its values'),
};

export type ReleaseFlags = FlagValues<typeof releaseFlags>;
