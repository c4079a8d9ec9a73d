import type { Artifact } from '@flux/api';
import { messageOf } from '@flux/errors';
import type { ArtifactStorage } from '../storage/artifact-storage.ts';
import type { SourceRun } from './source-run.ts';

const garbageTimeoutMs = 5_000;

/** Does the status say what lies in storage? Drops an artifact that is gone or damaged (SRC-CTL-10). */
export async function checkStorage(run: SourceRun): Promise<void> {
  await collectGarbage(run);
  const { object, conditions, deps } = run;
  const artifact = object.status?.artifact;
  const isMissing = artifact !== undefined && !(await isIntact(run));
  if (isMissing) {
    delete object.status?.artifact;
    delete object.status?.url;
  }
  if (object.status?.artifact) return renewAddresses(object.status, deps.storage);
  await run.progress(`building artifact${isMissing ? ': disappeared from storage' : ''}`, { drift: true });
  conditions.delete('ArtifactInStorage');
  if (isMissing) await run.patch(); // nobody must go on to ask for it
}

/** The process may be advertised at another address than the one that wrote them. */
function renewAddresses(status: { artifact?: Artifact; url?: string }, storage: ArtifactStorage): void {
  const { artifact, url } = status;
  if (!artifact) return;
  artifact.url = storage.urlOf(artifact.path);
  const directory = artifact.path.slice(0, artifact.path.lastIndexOf('/'));
  if (url) status.url = storage.urlOf(`${directory}/${url.slice(url.lastIndexOf('/') + 1)}`);
}

async function isIntact(run: SourceRun): Promise<boolean> {
  const { storage } = run.deps;
  const artifact = run.object.status?.artifact;
  if (!artifact || !(await storage.exists(artifact))) return false;
  try {
    await storage.verify(artifact);
    return true;
  } catch (error) {
    run.event({
      type: 'Warning',
      reason: 'ArtifactVerificationFailed',
      message: `failed to verify integrity of artifact: ${messageOf(error)}`,
    });
  }
  try {
    await storage.remove(artifact);
  } catch (error) {
    throw new Error(`failed to remove artifact after digest mismatch: ${messageOf(error)}`, { cause: error });
  }
  return false;
}

/** Failures are told and do not matter: the next pass tries again. */
async function collectGarbage(run: SourceRun): Promise<void> {
  const artifact = run.object.status?.artifact;
  if (!artifact) return;
  try {
    const removed = await run.deps.storage.collectGarbage(artifact, AbortSignal.timeout(garbageTimeoutMs));
    if (removed.length === 0) return;
    const message = `garbage collected ${removed.length} artifacts`;
    run.event({ type: 'Normal', reason: 'GarbageCollectionSucceeded', message, forward: false });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return; // its directory is gone: noticed below
    const message = `garbage collection of artifacts failed: ${messageOf(error)}`;
    run.event({ type: 'Warning', reason: 'GarbageCollectionFailed', message });
  }
}
