import type { Cluster } from '@flux/client';
import type { ManifestFolder } from './manifest-folder.ts';

/** Where the objects of a HelmRelease are read from: a folder first, then a cluster, unless there is none. */
export interface ReleaseSource {
  folder: ManifestFolder | undefined;
  cluster: Cluster | undefined;
}
