import { type Artifact, type GitRepository, gitRepository } from '@flux/api';
import { messageOf } from '@flux/errors';
import { ReconcileError } from '@flux/runtime';
import { includesDiffer } from '../content-config.ts';
import type { GitRepositoryRun } from '../deps.ts';

/** The artifacts of the included repositories, in the order of the includes (SRC-GIT-40, SRC-GIT-41). */
export async function fetchIncludes(run: GitRepositoryRun): Promise<Artifact[]> {
  const { object, conditions } = run;
  const artifacts: Artifact[] = [];
  for (const { repository } of object.spec.include ?? []) artifacts.push(await findArtifact(run, repository.name));
  conditions.delete('IncludeUnavailable');
  const before = object.status?.includedArtifacts;
  if (includesDiffer(artifacts, before)) {
    const message = 'included artifacts differ from last observed includes';
    if (before) conditions.set({ type: 'ArtifactOutdated', status: 'True', reason: 'IncludeChange', message });
    await run.progress(`building artifact: ${message}`, { drift: true });
  }
  conditions.delete('ArtifactOutdated');
  return artifacts;
}

async function findArtifact(run: GitRepositoryRun, name: string): Promise<Artifact> {
  const { namespace = '' } = run.object.metadata;
  const ref = { apiVersion: gitRepository.apiVersion, kind: gitRepository.kind, namespace, name };
  let found: GitRepository;
  try {
    found = await run.cluster.get<GitRepository>(ref, { signal: run.signal });
  } catch (error) {
    throw unavailable(
      run,
      'NotFound',
      `could not get resource for include '${name}': ${kindText(messageOf(error))}`,
      error,
    );
  }
  const artifact = found.status?.artifact;
  if (!artifact) throw unavailable(run, 'NoArtifact', `no artifact available for include '${name}'`);
  return artifact;
}

/** A cached client upstream names the kind where the API server names the resource. */
function kindText(message: string): string {
  return message.replace(/^gitrepositories\./, 'GitRepository.');
}

function unavailable(run: GitRepositoryRun, reason: string, message: string, cause?: unknown): ReconcileError {
  return new ReconcileError(reason, message, {
    conditionType: 'IncludeUnavailable',
    retry: { afterMs: run.deps.requeueDependencyMs },
    event: 'trace',
    cause,
  });
}
