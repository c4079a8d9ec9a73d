import type { Kustomization } from '@flux/api';
import type { ObjectRef } from '@flux/apimachinery';
import { FluxError } from '@flux/errors';
import { type ChangeSet, DeleteError, deleteAll, formatRef, parseInventoryEntry, waitForTermination } from '@flux/ssa';
import type { KustomizationRun } from './deps.ts';
import { deleteRules, reportDeleted } from './steps/prune.ts';
import { revisionMetadata } from './steps/resolve-source.ts';
import { hasServiceAccount, type Target, targetCluster } from './steps/target-cluster.ts';
import { timeoutMs } from './timing.ts';

/** Deletes what a deleted Kustomization applied, as its policy says (KUS-DEL); the runtime then drops the finalizer. */
export async function cleanup(run: KustomizationRun): Promise<undefined> {
  const { object } = run;
  const { lastAppliedRevision = '', lastAppliedOriginRevision } = object.status ?? {};
  Object.assign(run.eventMetadata, revisionMetadata(lastAppliedRevision, lastAppliedOriginRevision));
  const refs = deletesObjects(object) ? parseInventory(run) : [];
  if (refs.length === 0) return;
  if (!(await hasServiceAccount(run))) {
    const lines = refs.map((ref) => `${formatRef(ref)}\n`);
    run.event({ type: 'Warning', message: `unable to prune objects: \n${lines.join('')}` });
    return;
  }
  const target = targetCluster(run);
  const changes = await deleteObjects(run, target, refs);
  if (object.spec.deletionPolicy === 'WaitForTermination') await awaitTermination(run, target, changes);
}

/** KUS-DEL-01. */
function deletesObjects({ spec }: Kustomization): boolean {
  if (spec.suspend) return false;
  const policy = spec.deletionPolicy ?? 'MirrorPrune';
  return policy === 'Delete' || policy === 'WaitForTermination' || (policy === 'MirrorPrune' && spec.prune);
}

/** KUS-DEL-05: one id that cannot be read makes the whole list count as empty. */
function parseInventory(run: KustomizationRun): ObjectRef[] {
  try {
    return (run.object.status?.inventory?.entries ?? []).map(parseInventoryEntry);
  } catch (error) {
    run.log.error(error, 'unable to read the inventory, nothing is deleted');
    return [];
  }
}

async function deleteObjects(run: KustomizationRun, target: Target, refs: ObjectRef[]): Promise<ChangeSet> {
  try {
    const changes = await deleteAll(target.cluster, refs, deleteRules(run.object, run.signal));
    reportDeleted(run, changes);
    return changes;
  } catch (error) {
    if (error instanceof DeleteError) run.event({ type: 'Warning', message: 'pruning for deleted resource failed' });
    throw error;
  }
}

/** KUS-DEL-03: the Kustomization goes even when its objects do not. */
async function awaitTermination(run: KustomizationRun, target: Target, changes: ChangeSet): Promise<void> {
  const timeout = AbortSignal.timeout(timeoutMs(run.object));
  try {
    await waitForTermination(target.watch, changes, AbortSignal.any([timeout, run.signal]));
  } catch (error) {
    run.signal.throwIfAborted();
    if (!timeout.aborted && !(error instanceof FluxError)) throw error;
    run.event({ type: 'Warning', message: 'failed to wait for resources termination' });
  }
}
