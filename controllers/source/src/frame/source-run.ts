import type { Artifact } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import type { Run } from '@flux/runtime';
import type { ArtifactOwner, ArtifactStorage } from '../storage/artifact-storage.ts';

/** What the sources have in common. */
type SourceObject = KubeObject & { status?: { artifact?: Artifact; url?: string } };

/** A pass over a source of any kind: what the steps shared by all kinds see. */
export type SourceRun = Run<SourceObject, { readonly storage: ArtifactStorage }>;

/** Whose files the artifacts of an object are. */
export function ownerOf({ object }: SourceRun): ArtifactOwner {
  const { name, namespace = '' } = object.metadata;
  return { kind: object.kind, namespace, name };
}
