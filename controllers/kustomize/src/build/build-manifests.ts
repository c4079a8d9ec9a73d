import type { KubeObject } from '@flux/apimachinery';
import { overlayFileSystem, rootedFileSystem } from '@flux/fs';
import { type FluxKustomizationSpec, generateAndBuild, resourcesToObjects } from '@flux/kustomize';
import type { BuildInput } from '../kustomization/deps.ts';
import { type RemoteBases, remoteBases } from './remote-bases.ts';

export interface BuildOptions {
  /** `--no-remote-bases`. */
  refusesRemoteBases: boolean;
}

/**
 * Builds a folder of an artifact in the confines of the artifact (KUS-GEN, KUS-BUILD). The generated kustomization file is
 * written to memory, so that Kustomizations can share the files. A build with remote bases is not pure: it may be another
 * one the next time.
 */
export async function buildManifests(
  { root, path, spec }: BuildInput,
  { refusesRemoteBases }: BuildOptions,
): Promise<{ objects: readonly KubeObject[]; isPure: boolean }> {
  await using remote: RemoteBases | undefined = refusesRemoteBases ? undefined : remoteBases();
  const fs = overlayFileSystem(rootedFileSystem(root));
  const resources = await generateAndBuild(fs, path, spec as FluxKustomizationSpec, remote ? { remote } : {});
  // that each has its identity was checked by the build (KUS-BUILD-06)
  return { objects: resourcesToObjects(resources) as KubeObject[], isPure: !remote?.wasUsed };
}
