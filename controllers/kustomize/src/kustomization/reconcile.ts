import type { Kustomization } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import { type Action, keyOf, ReconcileError, requeueAfter } from '@flux/runtime';
import type { KustomizationRun } from './deps.ts';
import { recordHistory } from './history.ts';
import { ProgressReport } from './progress-report.ts';
import { applyObjects } from './steps/apply.ts';
import { checkDependencies } from './steps/check-dependencies.ts';
import { checkHealth, compileReaders } from './steps/check-health.ts';
import { digestOf, prepareObjects } from './steps/prepare-objects.ts';
import { pruneStale } from './steps/prune.ts';
import { renderManifests } from './steps/render.ts';
import { resolveArtifact, type SourceArtifact } from './steps/resolve-source.ts';
import { substitute } from './steps/substitute.ts';
import { targetCluster } from './steps/target-cluster.ts';
import { formatTimeout, intervalMs } from './timing.ts';

/** Source artifact → objects → server-side apply → prune → health (KUS-FLOW-01). One step per file in `steps/`. */
export async function reconcile(run: KustomizationRun): Promise<Action> {
  try {
    return await pass(run);
  } finally {
    run.deps.attempts.delete(keyOf(run.object));
  }
}

async function pass(run: KustomizationRun): Promise<Action> {
  const { object, deps } = run;
  compileReaders(object, false); // a mistake there is reported before anything else
  const artifact = await resolveArtifact(run);
  const { revision = '' } = artifact;
  deps.attempts.set(keyOf(object), { revision, hasDependencies: false });
  await checkDependencies(run, revision);
  deps.attempts.set(keyOf(object), { revision, hasDependencies: true });

  await using progress = new ProgressReport(run);
  const startedAt = run.now();
  const built = await renderManifests(run, artifact, progress);
  refuseDecryption(object);
  const rendered = await substitute(run, built);
  await inHistory(run, { rendered, artifact, startedAt }, () => bringAbout(run, { rendered, artifact, progress }));
  return requeueAfter(intervalMs(object));
}

interface Rendered {
  rendered: readonly KubeObject[];
  artifact: SourceArtifact;
  progress: ProgressReport;
}

/** Makes the cluster look like the rendered objects. */
async function bringAbout(run: KustomizationRun, { rendered, artifact, progress }: Rendered): Promise<void> {
  const { object } = run;
  const revision = artifact.revision ?? '';
  const isNewRevision = object.status?.lastAppliedRevision !== revision;
  const target = targetCluster(run);
  const readers = compileReaders(object, target.isImpersonated);

  progress.report(`Detecting drift for revision ${revision} with a timeout of ${formatTimeout(object)}`);
  const objects = await prepareObjects(object, rendered);
  const changes = await applyObjects(run, { objects, target, readers });
  await pruneStale(run, changes, target);
  await checkHealth(run, { objects, changes, target, readers, revision, isNewRevision, progress });

  const { originRevision } = artifact;
  object.status = { ...object.status, lastAppliedRevision: revision };
  if (originRevision) object.status.lastAppliedOriginRevision = originRevision;
  else delete object.status.lastAppliedOriginRevision;
  run.succeed('ReconciliationSucceeded', `Applied revision: ${revision}`);
}

/** Results that get an entry in `status.history` (KUS-STAT-02). */
const recordedReasons = new Set(['ReconciliationFailed', 'PruneFailed', 'HealthCheckFailed']);

async function inHistory(
  run: KustomizationRun,
  { rendered, artifact, startedAt }: Pick<Rendered, 'rendered' | 'artifact'> & { startedAt: Date },
  work: () => Promise<void>,
): Promise<void> {
  const record = (status: string) => {
    const { originRevision, revision = '' } = artifact;
    recordHistory(run.object, {
      digest: digestOf(rendered),
      status,
      startedAt,
      finishedAt: run.now(),
      metadata: { revision, ...(originRevision ? { originRevision } : {}) },
    });
  };
  try {
    await work();
    record('ReconciliationSucceeded');
  } catch (error) {
    if (error instanceof ReconcileError && recordedReasons.has(error.reason)) record(error.reason);
    throw error;
  }
}

/** Without SOPS nothing of such a Kustomization may be applied: it could be ciphertext. */
function refuseDecryption({ spec }: Kustomization): void {
  if (!spec.decryption) return;
  const { provider } = spec.decryption;
  throw new ReconcileError(
    'BuildFailed',
    `spec.decryption is set, but decryption with ${provider} is not supported yet`,
  );
}
