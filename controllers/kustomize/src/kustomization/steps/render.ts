import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Kustomization } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import { formatJson } from '@flux/client';
import { FluxError } from '@flux/errors';
import { secureJoin } from '@flux/fs';
import { ArchiveNotFoundError } from '@flux/http';
import { newerRequest, ReconcileError } from '@flux/runtime';
import type { ArtifactFiles, KustomizationRun } from '../deps.ts';
import type { ProgressReport } from '../progress-report.ts';
import { formatTimeout } from '../timing.ts';
import { notReady, type SourceArtifact, sourceRefOf } from './resolve-source.ts';

/** The objects of the artifact and path, before substitution: fetched and built, or as an earlier pass built them. */
export async function renderManifests(
  run: KustomizationRun,
  artifact: SourceArtifact,
  progress: ProgressReport,
): Promise<readonly KubeObject[]> {
  const { object, deps } = run;
  const during = `manifests for revision ${artifact.revision} with a timeout of ${formatTimeout(object)}`;
  progress.report(`Fetching ${during}`);
  const key = buildKey(object, artifact);
  const known = deps.builds.get(key);
  if (known) {
    attempt(object, artifact);
    return known;
  }
  await using files = await fetchArtifact(run, artifact);
  const path = findPath(files.root, object.spec.path ?? '');
  attempt(object, artifact);

  progress.report(`Building ${during}`);
  const { objects, isPure } = await build(run, files.root, path);
  if (isPure) deps.builds.set(key, objects);
  return objects;
}

/** KUS-SRC-10. */
function attempt(object: Kustomization, artifact: SourceArtifact): void {
  object.status = { ...object.status, lastAttemptedRevision: artifact.revision ?? '' };
}

/** A download that is retried gives way to a newer revision: the old one may be gone for good. */
async function fetchArtifact(run: KustomizationRun, artifact: SourceArtifact): Promise<ArtifactFiles> {
  using newer = newerRequest(run, { ref: sourceRefOf(run.object), revision: artifact.revision ?? '' });
  try {
    return await run.deps.fetch(artifact, AbortSignal.any([run.signal, newer.signal]));
  } catch (cause) {
    run.signal.throwIfAborted();
    if (newer.signal.aborted) {
      const message = `fetching revision ${artifact.revision} gave way to a newer request`;
      throw new ReconcileError('ArtifactFailed', message, { retry: { afterMs: 0 }, event: 'none' });
    }
    if (cause instanceof ArchiveNotFoundError) throw notReady(run, 'Source is not ready, artifact not found');
    if (cause instanceof FluxError) throw new ReconcileError('ArtifactFailed', cause.message, { cause });
    throw new ReconcileError('DirectoryCreationFailed', String(cause), { cause });
  }
}

/** KUS-SRC-09: paths that lead out of the artifact are clamped to its root. */
function findPath(root: string, path: string): string {
  const folder = secureJoin(root, path);
  if (statSync(folder, { throwIfNoEntry: false })) return folder;
  const message = `kustomization path not found: stat ${folder}: no such file or directory`;
  throw new ReconcileError('ArtifactFailed', message);
}

async function build(run: KustomizationRun, root: string, path: string) {
  try {
    return await run.deps.build({ root, path, spec: run.object.spec });
  } catch (cause) {
    if (!(cause instanceof FluxError)) throw cause;
    throw new ReconcileError('BuildFailed', cause.message, { cause });
  }
}

/** Artifact and all that decides what is built from it. */
function buildKey({ spec }: Kustomization, { digest, checksum, url }: SourceArtifact): string {
  const rendered = {
    path: spec.path,
    targetNamespace: spec.targetNamespace,
    namePrefix: spec.namePrefix,
    nameSuffix: spec.nameSuffix,
    patches: spec.patches,
    patchesStrategicMerge: spec.patchesStrategicMerge,
    patchesJson6902: spec.patchesJson6902,
    images: spec.images,
    components: spec.components,
    ignoreMissingComponents: spec.ignoreMissingComponents,
    buildMetadata: spec.buildMetadata,
  };
  const content = digest ?? checksum ?? url;
  return createHash('sha256')
    .update(`${content}\n${formatJson(rendered)}`)
    .digest('base64');
}
