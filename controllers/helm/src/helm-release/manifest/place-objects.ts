import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { messageOf } from '@flux/errors';

/** Objects in their namespaces; `problems` are those of kinds that the cluster does not know. */
export interface Placed {
  objects: KubeObject[];
  problems: string[];
}

/** Fills in the namespace of the release where the manifest leaves it out, and takes it off what has none. */
export async function placeObjects(
  cluster: Pick<Cluster, 'mapping'>,
  objects: readonly KubeObject[],
  namespace: string,
): Promise<Placed> {
  const problems: string[] = [];
  const placed: KubeObject[] = [];
  for (const object of objects) {
    try {
      const { namespaced } = await cluster.mapping(object);
      placed.push(namespaced && !object.metadata.namespace ? inNamespace(object, namespace) : object);
    } catch (error) {
      const reason = messageOf(error);
      problems.push(`failed to determine if ${object.kind} is namespace scoped, skipping namespace: ${reason}`);
      placed.push(object);
    }
  }
  return { objects: placed, problems };
}

function inNamespace(object: KubeObject, namespace: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, namespace } };
}
