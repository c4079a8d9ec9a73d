import { type KubeObject, refOf } from '@flux/apimachinery';
import { identityOf } from '@flux/ssa';

/** Names an object whatever version it is read in. */
export function objectId(object: KubeObject): string {
  return identityOf(refOf(object));
}
