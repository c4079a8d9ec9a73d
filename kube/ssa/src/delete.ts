import { gvkOf, isNotFound, type KubeObject, type ObjectRef } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { messageOf } from '@flux/errors';
import { type Change, type ChangeAction, type ChangeSet, formatRef } from './change-set.ts';
import { DeleteError } from './errors.ts';
import { type MetadataSelector, matchesMetadata } from './metadata-match.ts';
import { type ObjectWatch, waitUntilGone } from './object-watch.ts';
import { compareApplyOrder } from './order.ts';

export interface DeleteOptions {
  /** Labels that a live object must carry to be deleted. */
  inclusions?: Readonly<Record<string, string>>;
  /** Live objects that match are skipped. */
  exclusions?: MetadataSelector;
  signal?: AbortSignal;
}

/**
 * Deletes objects in the reverse of apply order (KUS-GC-02): absent ones count as deleted, those without our labels are
 * skipped. All are attempted; rejects with a `DeleteError` when one failed.
 */
export async function deleteAll(
  cluster: Cluster,
  refs: readonly ObjectRef[],
  options: DeleteOptions = {},
): Promise<ChangeSet> {
  const changes: Change[] = [];
  const failures: string[] = [];
  for (const ref of refs.toSorted((a, b) => compareApplyOrder(orderOf(b), orderOf(a)))) {
    options.signal?.throwIfAborted();
    try {
      changes.push({ ref, action: await deleteOne(cluster, ref, options) });
    } catch (error) {
      changes.push({ ref, action: 'unknown' });
      failures.push(`${messageOf(error)};`);
    }
  }
  if (failures.length > 0) throw new DeleteError(`delete failed, errors: ${failures.join('')}`, changes);
  return changes;
}

function orderOf(ref: ObjectRef) {
  return { group: gvkOf(ref).group, kind: ref.kind, namespace: ref.namespace ?? '', name: ref.name };
}

async function deleteOne(cluster: Cluster, ref: ObjectRef, options: DeleteOptions): Promise<ChangeAction> {
  const live = await failWith(`${formatRef(ref)} query failed`, cluster.find(ref));
  if (!live) return 'deleted';
  if (!isOwned(live, options.inclusions ?? {})) return 'skipped';
  if (matchesMetadata(live, options.exclusions ?? {})) return 'skipped';
  try {
    await cluster.delete(ref, { propagationPolicy: 'Background' });
  } catch (error) {
    if (!isNotFound(error)) throw new Error(`${formatRef(ref)} delete failed: ${messageOf(error)}`, { cause: error });
  }
  return 'deleted';
}

async function failWith<T>(what: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw new Error(`${what}: ${messageOf(error)}`, { cause: error });
  }
}

function isOwned(live: KubeObject, inclusions: Readonly<Record<string, string>>): boolean {
  const labels = live.metadata.labels ?? {};
  return Object.entries(inclusions).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}

/** Waits until everything that was deleted is gone; rejects with the signal's reason at its end (KUS-DEL-03). */
export async function waitForTermination(watch: ObjectWatch, changes: ChangeSet, signal: AbortSignal): Promise<void> {
  const deleted = changes.filter(({ action }) => action === 'deleted');
  await Promise.all(deleted.map(({ ref }) => waitUntilGone(watch, ref, signal)));
}
