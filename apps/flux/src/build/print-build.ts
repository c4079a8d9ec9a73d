import type { Kustomization } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import { formatYaml } from '@flux/yaml';
import type { Context } from '../context.ts';
import { findKustomization } from './find-kustomization.ts';
import type { LocalBuildFlags } from './flags.ts';
import { buildLocally, nestedKustomizations } from './local-build.ts';
import { folderOf, type LocalSources, parseLocalSources } from './local-sources.ts';

type Flags = LocalBuildFlags & { 'dry-run': boolean };

/** `flux build kustomization`: own objects first, then those of nested Kustomizations. */
export async function printBuild(context: Context, name: string, path: string, flags: Flags): Promise<void> {
  const owner = await findKustomization(context, {
    name,
    file: flags['kustomization-file'],
    offline: flags['dry-run'],
    ignoreNotFound: false,
  });
  const sources = parseLocalSources(flags['local-sources'], context.cwd);
  for (const object of await buildAll(context, owner, path, flags, sources, new Set())) {
    context.out.data(`${formatYaml(object)}---\n`);
  }
}

async function buildAll(
  context: Context,
  owner: Kustomization,
  path: string,
  flags: Flags,
  sources: LocalSources,
  seen: ReadonlySet<string>,
): Promise<KubeObject[]> {
  const objects = await buildLocally({
    owner,
    path,
    ignorePaths: flags['ignore-paths'],
    strict: flags['strict-substitute'],
    cluster: flags['dry-run'] ? undefined : await clusterFor(context, owner),
  });
  if (!flags.recursive) return objects;
  const visited = new Set([...seen, keyOf(owner)]);
  const nested: KubeObject[] = [];
  for (const child of nestedKustomizations(objects).filter((each) => !visited.has(keyOf(each)))) {
    nested.push(...(await buildAll(context, child, folderOf(child, sources), flags, sources, visited)));
  }
  return [...objects, ...nested];
}

/** A build that reads no variables from the cluster needs no connection. */
async function clusterFor(context: Context, { spec }: Kustomization) {
  return spec.postBuild?.substituteFrom?.length ? context.cluster() : undefined;
}

function keyOf({ metadata }: Kustomization): string {
  return `${metadata.namespace}/${metadata.name}`;
}
