import type { KubeObject } from '@flux/apimachinery';
import type { Resource } from '../registry/resource.ts';
import type { Bucket } from '../storage/bucket.ts';
import { storageKey } from '../storage/bucket.ts';
import type { StoredEvent } from '../storage/event-ring.ts';
import type { ControllerContext } from './context.ts';
import { Loop } from './loop.ts';

interface Node {
  resource: Resource;
  key: string;
}

/**
 * Owner-reference garbage collection. Guarantees: a dependent goes when its last owner is gone; an owner deleted in the
 * foreground waits for the dependents that block it; an orphaning delete takes the references out of its dependents first.
 */
export function startGarbageCollector(context: ControllerContext): Loop {
  const collector = new Collector(context);
  return collector.loop;
}

class Collector {
  readonly loop: Loop;
  readonly #context: ControllerContext;
  readonly #nodes = new Map<string, Node>();
  readonly #dependents = new Map<string, Set<string>>();
  readonly #watched = new Set<Bucket>();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.loop = new Loop('garbage collector', context.log, (uid) => this.#collect(uid));
    this.#watchAll();
    context.api.catalog.onChange(() => this.#watchAll());
  }

  #watchAll(): void {
    for (const resource of this.#context.api.catalog.all()) {
      const { bucket, verbs } = resource;
      if (this.#watched.has(bucket) || !verbs.includes('delete') || resource.plural === 'events') continue;
      this.#watched.add(bucket);
      this.loop.watch(bucket, (event) => this.#record(resource, event));
    }
  }

  /** Keeps the graph up to date; answers whose turn it is. */
  #record(resource: Resource, { type, object, previous }: StoredEvent): string[] {
    const { uid, namespace, name, ownerReferences, finalizers, deletionTimestamp } = object.metadata;
    const id = uid!;
    for (const owner of previous?.metadata.ownerReferences ?? []) this.#dependents.get(owner.uid)?.delete(id);
    if (type === 'DELETED') {
      this.#nodes.delete(id);
      const orphans = [...(this.#dependents.get(id) ?? [])];
      for (const owner of ownerReferences ?? []) this.#dependents.get(owner.uid)?.delete(id);
      // An owner that waits in the foreground may have lost its last dependent.
      return [...orphans, ...(ownerReferences ?? []).map((owner) => owner.uid)];
    }
    this.#nodes.set(id, { resource, key: storageKey(namespace, name) });
    for (const owner of ownerReferences ?? []) {
      const set = this.#dependents.get(owner.uid);
      if (set) set.add(id);
      else this.#dependents.set(owner.uid, new Set([id]));
    }
    if (ownerReferences?.length) return [id, ...(previous ? ownerReferences.map((owner) => owner.uid) : [])];
    const waits = deletionTimestamp && finalizers?.some((item) => item === 'orphan' || item === 'foregroundDeletion');
    return waits ? [id] : [];
  }

  #find(uid: string): { resource: Resource; object: KubeObject } | undefined {
    const node = this.#nodes.get(uid);
    const object = node?.resource.bucket.get(node.key);
    return node && object?.metadata.uid === uid ? { resource: node.resource, object } : undefined;
  }

  #dependentsOf(uid: string): { resource: Resource; object: KubeObject }[] {
    return [...(this.#dependents.get(uid) ?? [])].map((id) => this.#find(id)).filter((found) => found !== undefined);
  }

  #collect(uid: string): void {
    const found = this.#find(uid);
    if (!found) return;
    const { deletionTimestamp, finalizers = [] } = found.object.metadata;
    if (deletionTimestamp && finalizers.includes('orphan')) this.#orphan(found.resource, found.object);
    else if (deletionTimestamp && finalizers.includes('foregroundDeletion'))
      this.#foreground(found.resource, found.object);
    else if (!deletionTimestamp) this.#checkOwners(found.resource, found.object);
  }

  #orphan(resource: Resource, owner: KubeObject): void {
    const { uid } = owner.metadata;
    // Kubernetes sets all free at once, the newest mostly first.
    for (const dependent of this.#dependentsOf(uid!).reverse())
      this.#dropOwners(dependent.resource, dependent.object, new Set([uid!]));
    this.#removeFinalizer(resource, owner, 'orphan');
  }

  #foreground(resource: Resource, owner: KubeObject): void {
    const { uid } = owner.metadata;
    const dependents = this.#dependentsOf(uid!);
    for (const dependent of dependents) {
      if (!dependent.object.metadata.deletionTimestamp) this.#checkOwners(dependent.resource, dependent.object);
    }
    const blocking = this.#dependentsOf(uid!).filter(({ object }) =>
      object.metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.blockOwnerDeletion),
    );
    if (blocking.length === 0) this.#removeFinalizer(resource, owner, 'foregroundDeletion');
  }

  /** Deletes the object when none of its owners is there to stay; drops references to owners that are gone. */
  #checkOwners(resource: Resource, object: KubeObject): void {
    const owners = object.metadata.ownerReferences ?? [];
    if (owners.length === 0) return;
    const gone = new Set<string>();
    let solid = 0;
    let waiting = 0;
    for (const { uid } of owners) {
      const owner = this.#find(uid);
      if (!owner) gone.add(uid);
      else if (isForeground(owner.object)) waiting++;
      else solid++;
    }
    if (solid > 0) {
      if (gone.size > 0) this.#dropOwners(resource, object, gone);
      return;
    }
    const hasDependents = this.#dependentsOf(object.metadata.uid!).length > 0;
    const propagationPolicy = waiting > 0 && hasDependents ? 'Foreground' : policyOf(object);
    this.#context.writer.delete(resource, object, { propagationPolicy });
  }

  #dropOwners(resource: Resource, object: KubeObject, gone: ReadonlySet<string>): void {
    this.#context.writer.update(resource, object, ({ metadata }) => {
      const kept = (metadata.ownerReferences ?? []).filter(({ uid }) => !gone.has(uid));
      if (kept.length > 0) metadata.ownerReferences = kept;
      else delete metadata.ownerReferences;
    });
  }

  #removeFinalizer(resource: Resource, object: KubeObject, finalizer: string): void {
    this.#context.writer.update(resource, object, ({ metadata }) => {
      metadata.finalizers = (metadata.finalizers ?? []).filter((item) => item !== finalizer);
      if (metadata.finalizers.length === 0) delete metadata.finalizers;
    });
  }
}

function isForeground({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes('foregroundDeletion') === true;
}

function policyOf({ metadata }: KubeObject): string {
  if (metadata.finalizers?.includes('orphan')) return 'Orphan';
  return metadata.finalizers?.includes('foregroundDeletion') ? 'Foreground' : 'Background';
}
