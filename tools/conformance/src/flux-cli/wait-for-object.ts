import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';

/** The object as soon as it exists. */
export async function waitForObject(cluster: Cluster, ref: ObjectRef, signal: AbortSignal): Promise<KubeObject> {
  const scope = {
    ...(ref.namespace ? { namespace: ref.namespace } : {}),
    fieldSelector: `metadata.name=${ref.name}`,
    signal,
  };
  for await (const event of cluster.watch(ref, scope)) {
    if (event.type === 'ADDED' || event.type === 'MODIFIED') return event.object;
  }
  throw new Error(`${ref.kind} ${ref.name} did not appear`);
}
