import type { KubeObject, ObjectRef, OwnerReference } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { identityOf } from '@flux/ssa';
import type { PortableOwner } from '../backup/portable-object.ts';
import { findLive } from '../find-live.ts';
import { objectId } from '../object-id.ts';

/** Links objects to their owners by the uids that these have in this cluster. */
export class Owners {
  readonly #cluster: Cluster;
  readonly #uids = new Map<string, string>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** An object that may own others. */
  remember(live: KubeObject): void {
    if (live.metadata.uid !== undefined) this.#uids.set(objectId(live), live.metadata.uid);
  }

  /** The owner references of an object for this cluster; an owner that is not in it is left out. */
  async linksOf({ metadata }: KubeObject): Promise<OwnerReference[]> {
    const links: OwnerReference[] = [];
    for (const owner of (metadata.ownerReferences ?? []) as PortableOwner[]) {
      const uid = await this.#uidOf(owner, metadata.namespace);
      if (uid !== undefined) links.push({ ...owner, uid });
    }
    return links;
  }

  async #uidOf(owner: PortableOwner, namespace: string | undefined): Promise<string | undefined> {
    const places = placesOf(owner, namespace);
    for (const ref of places) {
      const uid = this.#uids.get(identityOf(ref));
      if (uid !== undefined) return uid;
    }
    return (await findLive(this.#cluster, places[0]))?.metadata.uid;
  }
}

/** An owner is in the namespace of what it owns, or in none. */
function placesOf(
  { apiVersion, kind, name }: PortableOwner,
  namespace: string | undefined,
): [ObjectRef, ...ObjectRef[]] {
  const ref = { apiVersion, kind, name };
  return namespace ? [{ ...ref, namespace }, ref] : [ref];
}

/** Waves in which every owner comes before what it owns; owners that own each other end up in the last wave together. */
export function ownersFirst(objects: readonly KubeObject[]): KubeObject[][] {
  const waves: KubeObject[][] = [];
  let waiting = [...objects];
  while (waiting.length > 0) {
    const ids = new Set(waiting.map(objectId));
    const isFree = ({ metadata }: KubeObject) =>
      !(metadata.ownerReferences ?? []).some((owner) =>
        placesOf(owner, metadata.namespace).some((ref) => ids.has(identityOf(ref))),
      );
    const wave = waiting.filter(isFree);
    waves.push(wave.length > 0 ? wave : waiting);
    waiting = wave.length > 0 ? waiting.filter((object) => !isFree(object)) : [];
  }
  return waves;
}
