import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';

/** The object as soon as it exists and passes the test. */
export async function waitForObject(
  cluster: Cluster,
  ref: ObjectRef,
  signal: AbortSignal,
  passes: (object: KubeObject) => boolean = () => true,
): Promise<KubeObject> {
  const scope = {
    ...(ref.namespace ? { namespace: ref.namespace } : {}),
    fieldSelector: `metadata.name=${ref.name}`,
    signal,
  };
  for await (const event of cluster.watch(ref, scope)) {
    const isThere = event.type === 'ADDED' || event.type === 'MODIFIED';
    if (isThere && passes(event.object)) return event.object;
  }
  throw new Error(`${ref.kind} ${ref.name} did not appear`);
}
