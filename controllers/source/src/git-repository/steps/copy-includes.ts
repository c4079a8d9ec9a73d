import { createReadStream, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Artifact } from '@flux/api';
import { messageOf } from '@flux/errors';
import { extractArchive, secureJoin, temporaryDirectory } from '@flux/fs';
import { type GitRepositoryRun, storageFailed } from '../deps.ts';

/** Lays the content of the included artifacts into the checkout, from local storage (SRC-GIT-42). */
export async function copyIncludes(
  run: GitRepositoryRun,
  directory: string,
  artifacts: readonly Artifact[],
): Promise<void> {
  for (const [index, include] of (run.object.spec.include ?? []).entries()) {
    const { name } = include.repository;
    const { fromPath = '', toPath = name } = include;
    const target = resolveTarget(directory, toPath || name, name);
    try {
      await copyArtifact(run, artifacts[index]!, fromPath, target);
    } catch (error) {
      run.signal.throwIfAborted();
      const text = `failed to copy '${name}' include from ${fromPath} to ${toPath || name}: ${messageOf(error)}`;
      throw storageFailed('CopyFailure', text, error);
    }
  }
  run.conditions.delete('IncludeUnavailable');
}

function resolveTarget(directory: string, toPath: string, name: string): string {
  try {
    return secureJoin(directory, toPath);
  } catch (error) {
    throw storageFailed('IllegalPath', `path calculation for include '${name}' failed: ${messageOf(error)}`, error);
  }
}

/** A rename, so a target that is there and not empty makes it fail instead of mixing the two. */
async function copyArtifact(
  run: GitRepositoryRun,
  artifact: Artifact,
  fromPath: string,
  target: string,
): Promise<void> {
  await using work = await temporaryDirectory('gitrepository-include');
  await extractArchive(createReadStream(run.deps.storage.localPath(artifact)), work.path, {
    maxBytes: Number.POSITIVE_INFINITY,
    signal: run.signal,
  });
  mkdirSync(dirname(target), { recursive: true });
  renameSync(secureJoin(work.path, fromPath), target);
}
