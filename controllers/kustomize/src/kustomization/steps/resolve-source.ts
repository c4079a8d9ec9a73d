import type { Artifact, Kustomization } from '@flux/api';
import { isNotFound, type KubeObject, type ObjectRef } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import { formatDuration } from '@flux/gotypes';
import { ReconcileError } from '@flux/runtime';
import type { KustomizationRun } from '../deps.ts';
import { retryMs } from '../timing.ts';

/** Group and version in which kinds of sources are read and watched. */
export const sourceApiVersion = 'source.toolkit.fluxcd.io/v1';

/** The artifact as a Kustomization uses it. */
export interface SourceArtifact extends Artifact {
  /** Revision in the origin of an OCI artifact (KUS-SRC-11). */
  originRevision: string | undefined;
}

/** What `spec.sourceRef` points at. */
export function sourceRefOf(object: Kustomization): ObjectRef {
  const { apiVersion, kind, name, namespace } = object.spec.sourceRef;
  const own = object.metadata.namespace ?? '';
  return { apiVersion: apiVersion ?? sourceApiVersion, kind, name, namespace: namespace ?? own };
}

/** The artifact of the source, whatever its conditions say (KUS-SRC-01..04). */
export async function resolveArtifact(run: KustomizationRun): Promise<SourceArtifact> {
  const ref = sourceRefOf(run.object);
  checkAccess(run, ref);
  const source = await readSource(run, ref);
  const artifact: Artifact | undefined = source['status']?.artifact;
  if (!artifact) throw notReady(run, 'Source artifact not found');
  const originRevision = artifact.metadata?.['org.opencontainers.image.revision'];
  Object.assign(run.eventMetadata, revisionMetadata(artifact.revision ?? '', originRevision));
  return { ...artifact, originRevision };
}

/** A passing state: nothing is reported, and a change of the source ends it before the time that the text names. */
export function notReady(run: KustomizationRun, what: string): ReconcileError {
  const { requeueDependencyMs } = run.deps.settings;
  return new ReconcileError('ArtifactFailed', `${what}, retrying in ${formatDuration(requeueDependencyMs)}`, {
    retry: { afterMs: requeueDependencyMs },
    event: 'none',
  });
}

/** KUS-EVT-02. */
export function revisionMetadata(revision: string, originRevision: string | undefined): Record<string, string> {
  const prefix = 'kustomize.toolkit.fluxcd.io';
  return {
    ...(revision ? { [`${prefix}/revision`]: revision } : {}),
    ...(originRevision ? { [`${prefix}/originRevision`]: originRevision } : {}),
  };
}

function checkAccess({ object, deps }: KustomizationRun, { kind, namespace, name }: ObjectRef): void {
  const { refusesCrossNamespaceRefs, allowsExternalArtifact } = deps.settings;
  const refuse = (why: string) => {
    const message = `can't access '${kind}/${namespace}/${name}', ${why}`;
    throw new ReconcileError('AccessDenied', message, { retry: 'stalled', observed: false, eventMetadata: {} });
  };
  if (refusesCrossNamespaceRefs && namespace !== object.metadata.namespace) {
    refuse('cross-namespace references have been blocked');
  }
  if (kind === 'ExternalArtifact' && !allowsExternalArtifact) refuse('ExternalArtifact feature gate is disabled');
}

async function readSource(run: KustomizationRun, ref: ObjectRef): Promise<KubeObject> {
  try {
    return await run.cluster.get(ref, { signal: run.signal });
  } catch (cause) {
    run.signal.throwIfAborted();
    const text = messageOf(cause);
    if (isNotFound(cause)) {
      throw new ReconcileError('ArtifactFailed', text, {
        retry: { afterMs: retryMs(run.object) },
        event: 'none',
        cause,
      });
    }
    const message = `unable to get source '${ref.namespace}/${ref.name}': ${text}`;
    throw new ReconcileError('ArtifactFailed', message, { retry: 'backoff', event: 'none', cause });
  }
}
