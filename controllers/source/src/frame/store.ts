import { messageOf } from '@flux/errors';
import type { ArtifactPlan } from '../storage/artifact-storage.ts';
import { storageFailed } from './failures.ts';
import type { SourceRun } from './source-run.ts';

/** The directory of an artifact, before it is written. */
export async function makeArtifactDirectory(run: SourceRun, plan: ArtifactPlan): Promise<void> {
  try {
    await run.deps.storage.makeDirectory(plan);
  } catch (error) {
    throw storageFailed('DirectoryCreationFailed', `failed to create artifact directory: ${messageOf(error)}`, error);
  }
}

/** `status.url`: a fixed name beside the artifact, on a best effort (SRC-ART-08). */
export async function linkLatest(run: SourceRun, name: string): Promise<void> {
  const { object, deps } = run;
  const artifact = object.status?.artifact;
  if (!object.status || !artifact) return;
  try {
    object.status.url = await deps.storage.link(artifact, name);
  } catch (error) {
    const message = `failed to update status URL symlink: ${messageOf(error)}`;
    run.event({ type: 'Normal', reason: 'SymlinkUpdateFailed', message, forward: false });
  }
}
