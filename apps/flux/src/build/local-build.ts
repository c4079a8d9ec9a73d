import { type Kustomization, kustomization } from '@flux/api';
import { type KubeObject, parseApiVersion } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { substituteVariables } from '@flux/envsubst';
import { overlayFileSystem, rootedFileSystem, sourceIgnoreRules } from '@flux/fs';
import { generateAndBuild, resourcesToObjects } from '@flux/kustomize';
import { ownerLabels, withMetadata } from '@flux/ssa';
import { lazyRemoteBases } from './lazy-remote-bases.ts';
import { maskSops } from './mask-sops.ts';
import { postBuildVariables } from './variables.ts';

interface LocalBuild {
  owner: Kustomization;
  /** Absolute path of the folder to build; it is only read. */
  path: string;
  ignorePaths: readonly string[];
  strict: boolean;
  /** Where variables are looked up; without it `substituteFrom` is left out. */
  cluster: Cluster | undefined;
}

/**
 * What the controller would apply for a Kustomization, from a folder of this machine: the same generator, build and
 * substitution, with encrypted values masked instead of decrypted (spec cli 11).
 */
export async function buildLocally({ owner, path, ignorePaths, strict, cluster }: LocalBuild): Promise<KubeObject[]> {
  const files = overlayFileSystem(rootedFileSystem('/'));
  const ignores = sourceIgnoreRules(path, ignorePaths.join('\n'));
  await using remote = lazyRemoteBases();
  const built = resourcesToObjects(await generateAndBuild(files, path, owner.spec, { ignores, remote }));
  const masked = (await substituted(built as KubeObject[], owner, cluster, strict)).map(maskSops);
  const { name, namespace = '' } = owner.metadata;
  const owned = withMetadata(masked, { labels: ownerLabels(kustomization.group, name, namespace) });
  return withMetadata(owned, owner.spec.commonMetadata ?? {});
}

async function substituted(
  objects: readonly KubeObject[],
  owner: Kustomization,
  cluster: Cluster | undefined,
  strict: boolean,
): Promise<readonly KubeObject[]> {
  const { postBuild } = owner.spec;
  if (!postBuild) return objects;
  const variables = await postBuildVariables(owner, cluster);
  const always = postBuild.substituteStrategy === 'Always';
  return objects.map((object) => substituteVariables(object, variables, { strict, always }) ?? object);
}

/** Nested Kustomizations among built objects, read as the stored version. */
export function nestedKustomizations(objects: readonly KubeObject[]): Kustomization[] {
  return objects
    .filter(
      ({ apiVersion, kind }) =>
        kind === kustomization.kind && parseApiVersion(apiVersion).group === kustomization.group,
    )
    .map((object) => kustomization.read(object));
}
