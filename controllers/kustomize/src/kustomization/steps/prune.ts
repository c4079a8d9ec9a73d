import type { Kustomization } from '@flux/api';
import { ReconcileError } from '@flux/runtime';
import {
  type ChangeSet,
  DeleteError,
  deleteAll,
  formatChange,
  type Inventory,
  InventoryError,
  inventoryEntryOf,
  inventoryOf,
  kustomizeOwner,
  kustomizePruneExclusions,
  ownerLabels,
  parseInventoryEntry,
  staleEntries,
} from '@flux/ssa';
import type { KustomizationRun } from '../deps.ts';
import type { Target } from './target-cluster.ts';

/**
 * Writes the new inventory, then deletes what is not in it any more (KUS-INV-03, KUS-GC). The inventory is on the server
 * before anything is deleted; objects whose deletion failed stay in it.
 */
export async function pruneStale(run: KustomizationRun, changes: ChangeSet, target: Target): Promise<void> {
  const { object } = run;
  const inventory = inventoryOf(changes);
  const refs = parseStale(object, inventory);
  object.status = { ...object.status, inventory };
  if (!object.spec.prune || refs.length === 0) return;
  await run.patch();
  try {
    reportDeleted(run, await deleteAll(target.cluster, refs, deleteRules(object, run.signal)));
  } catch (cause) {
    if (!(cause instanceof DeleteError)) throw cause;
    const inDoubt = cause.changes.filter(({ action }) => action === 'unknown').map(({ ref }) => inventoryEntryOf(ref));
    object.status = { ...object.status, inventory: { entries: [...inventory.entries, ...inDoubt] } };
    throw new ReconcileError('PruneFailed', cause.message, { cause });
  }
}

function parseStale(object: Kustomization, inventory: Inventory) {
  try {
    return staleEntries(object.status?.inventory, inventory).map(parseInventoryEntry);
  } catch (cause) {
    if (!(cause instanceof InventoryError)) throw cause;
    throw new ReconcileError('ReconciliationFailed', cause.message, { cause });
  }
}

/** Only objects that still carry our labels, and did not opt out, are deleted (KUS-GC-02). */
export function deleteRules(object: Kustomization, signal: AbortSignal) {
  const { name, namespace = '' } = object.metadata;
  return {
    inclusions: ownerLabels(kustomizeOwner.group, name, namespace),
    exclusions: kustomizePruneExclusions,
    signal,
  };
}

/** KUS-GC-04: skipped objects are listed too. */
export function reportDeleted(run: KustomizationRun, changes: ChangeSet): void {
  if (changes.length > 0) run.event({ type: 'Normal', message: changes.map(formatChange).join('\n') });
}
