import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import { type Cluster, NoMatchError } from '@flux/client';
import type { ManifestFolder } from './manifest-folder.ts';

/** Where the objects of a HelmRelease are read from: a folder first, then a cluster, unless there is none. */
export interface ReleaseSource {
  folder: ManifestFolder | undefined;
  cluster: Cluster | undefined;
}

/** An object of the cluster; there is none either where the cluster does not have its kind. */
export async function findLive({ cluster }: ReleaseSource, ref: ObjectRef): Promise<KubeObject | undefined> {
  try {
    return await cluster?.find(ref);
  } catch (error) {
    if (error instanceof NoMatchError) return undefined;
    throw error;
  }
}
