import type { KubeObject } from '@flux/apimachinery';
import { ReconcileError } from '@flux/runtime';
import {
  ApplyError,
  applyAllStaged,
  type ChangeSet,
  kustomizeApplyRules,
  parseStageKinds,
  type StatusReader,
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

function report(run: KustomizationRun, changes: ChangeSet): void {
  const lines = writtenLines(changes);
  run.log.info('server-side apply completed', { written: lines });
  if (lines.length > 0) run.event({ type: 'Normal', message: lines.join('\n') });
}
