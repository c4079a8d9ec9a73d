import { requestedAtAnnotation } from '@flux/api';
import { type KubeObject, refOf } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import type { ObjectView } from '@flux/runtime';

/**
 * Asks for a reconcile of every GitRepository that is fetched from the repository just pushed to, by the annotation that
 * `flux reconcile` sets.
 */
export async function requestReconcile(
  cluster: Cluster,
  repositories: ObjectView,
  pushedUrl: string,
  rewriteUrl: (url: string) => string,
): Promise<void> {
  const isSame = (object: KubeObject) => sameRepository(rewriteUrl(String(object['spec']?.url ?? '')), pushedUrl);
  const patch = { metadata: { annotations: { [requestedAtAnnotation]: new Date().toISOString() } } };
  const targets = repositories.list().filter(isSame);
  await Promise.all(targets.map((object) => cluster.patch(refOf(object), 'merge', patch, { fieldManager: 'flux' })));
}

/** Git servers take `name` and `name.git` alike. */
function sameRepository(a: string, b: string): boolean {
  const strip = (url: string) => url.replace(/\/$/, '').replace(/\.git$/, '');
  return strip(a) === strip(b);
}
