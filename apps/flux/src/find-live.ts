import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import { type Cluster, NoMatchError } from '@flux/client';

/** An object of the cluster, if there is one; there is none either where the cluster does not have its kind. */
export async function findLive(cluster: Cluster | undefined, ref: ObjectRef): Promise<KubeObject | undefined> {
  try {
    return await cluster?.find(ref);
  } catch (error) {
    if (error instanceof NoMatchError) return undefined;
    throw error;
  }
}
