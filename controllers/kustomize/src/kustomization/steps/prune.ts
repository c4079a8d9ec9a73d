import type { Kustomization } from '@flux/api';
import { ReconcileError } from '@flux/runtime';
import {
  type ChangeSet,
  DeleteError,
  deleteAll,
  formatChange,
  type InventoryEntry,
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
 * Writes the new inventory, and deletes what is not in it any more (KUS-INV-03, KUS-GC). Until it is deleted, it stays in the
 * inventory on the server: a process that is killed, or a pass that is given up, in between would leave it behind for good.
 */
export async function pruneStale(run: KustomizationRun, changes: ChangeSet, target: Target): Promise<void> {
  const { object } = run;
  const inventory = inventoryOf(changes);
  const stale = staleEntries(object.status?.inventory, inventory);
  const refs = parseStale(stale);
  const keep = (entries: readonly InventoryEntry[]) => {
    object.status = { ...object.status, inventory: { entries: [...inventory.entries, ...entries] } };
  };
  keep(object.spec.prune ? stale : []);
  if (!object.spec.prune || refs.length === 0) return;
  await run.patch();
  try {
    reportDeleted(run, await deleteAll(target.cluster, refs, deleteRules(object, run.signal)));
    keep([]);
  } catch (cause) {
    if (!(cause instanceof DeleteError)) throw cause;
    keep(cause.changes.filter(({ action }) => action === 'unknown').map(({ ref }) => inventoryEntryOf(ref)));
    throw new ReconcileError('PruneFailed', cause.message, { cause });
  }
}

function parseStale(stale: readonly InventoryEntry[]) {
  try {
    return stale.map(parseInventoryEntry);
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
