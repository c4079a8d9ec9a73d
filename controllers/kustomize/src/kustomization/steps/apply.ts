import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import { ReconcileError } from '@flux/runtime';
import {
  ApplyError,
  applyAllStaged,
  type ChangeSet,
  inventoryEntryOf,
  kustomizeApplyRules,
  parseStageKinds,
  type StatusReader,
  staleEntries,
  writtenLines,
} from '@flux/ssa';
import type { KustomizationRun } from '../deps.ts';
import type { Target } from './target-cluster.ts';

interface ApplyInput {
  objects: readonly KubeObject[];
  target: Target;
  readers: readonly StatusReader[];
}

/** Applies the objects and tells what was written (KUS-APPLY-18, KUS-APPLY-19). */
export async function applyObjects(run: KustomizationRun, input: ApplyInput): Promise<ChangeSet> {
  const { object, deps, signal } = run;
  const { settings, memory } = deps;
  try {
    const changes = await applyAllStaged(input.target.cluster, input.objects, {
      ...kustomizeApplyRules(settings.overrideManagers),
      force: object.spec.force ?? false,
      ignore: object.spec.ignore ?? [],
      customStageKinds: parseStageKinds(settings.customStageKinds),
      concurrency: settings.applyConcurrency,
      migratesApiVersion: settings.migratesApiVersion,
      stageTimeoutMs: settings.stageTimeoutMs,
      watch: input.target.watch,
      checksAccess: input.target.isImpersonated,
      readers: input.readers,
      memory,
      beforeWrite: (refs) => claim(run, refs),
      signal,
    });
    report(run, changes);
    return changes;
  } catch (cause) {
    if (!(cause instanceof ApplyError)) throw cause;
    const lines = writtenLines(cause.changes).map((line) => `${line}\n`);
    throw new ReconcileError('ReconciliationFailed', `${cause.message}\n${lines.join('')}`, { cause });
  }
}

/**
 * Puts what is about to be created into the inventory: a process that is killed before the whole inventory is written leaves
 * nothing behind that the next revision, which may not have it any more, would not prune. What it resolves to takes it back.
 */
async function claim(run: KustomizationRun, refs: readonly ObjectRef[]): Promise<() => void> {
  const { object } = run;
  const before = object.status?.inventory;
  const entries = object.status?.inventory?.entries ?? [];
  const added = staleEntries({ entries: refs.map(inventoryEntryOf) }, { entries });
  if (added.length === 0) return () => {};
  object.status = { ...object.status, inventory: { entries: [...entries, ...added] } };
  await run.patch();
  return () => {
    const { inventory: _, ...status } = object.status ?? {};
    object.status = before ? { ...status, inventory: before } : status;
  };
}

function report(run: KustomizationRun, changes: ChangeSet): void {
  const lines = writtenLines(changes);
  run.log.info('server-side apply completed', { written: lines });
  if (lines.length > 0) run.event({ type: 'Normal', message: lines.join('\n') });
}
