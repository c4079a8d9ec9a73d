import { kustomization } from '@flux/api';
import { isNotFound, type ObjectRef, parseApiVersion } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { causeChain } from '@flux/errors';
import { identityOf, parseInventoryEntry } from '@flux/ssa';
import { UsageError } from '../command/errors.ts';
import { kustomizationView } from '../kinds/kustomization.ts';
import { refTo } from '../objects.ts';

export interface TreeNode {
  ref: ObjectRef;
  children: TreeNode[];
}

/** What a Kustomization applied, nested Kustomizations expanded; in the order of the inventory (spec cli 10). */
export async function kustomizationTree(
  cluster: Cluster,
  { namespace, name }: { namespace: string; name: string },
  isCompact: boolean,
): Promise<TreeNode> {
  return expand(cluster, refTo(kustomizationView.kind, namespace, name), isCompact, new Set());
}

async function expand(
  cluster: Cluster,
  ref: ObjectRef,
  isCompact: boolean,
  path: ReadonlySet<string>,
): Promise<TreeNode> {
  const { spec, status } = kustomization.read(await findObject(cluster, ref));
  const own = identityOf(ref);
  const children: TreeNode[] = [];
  for (const entry of status?.inventory?.entries ?? []) {
    const child = parseInventoryEntry(entry);
    const { group } = parseApiVersion(child.apiVersion);
    if (identityOf(child) === own) continue;
    if (isCompact && !group.includes('toolkit.fluxcd.io')) continue;
    // a Kustomization that contains itself at a distance would go round for ever
    const isNested = group === kustomization.group && child.kind === kustomization.kind && !path.has(identityOf(child));
    const nested = { ...child, apiVersion: kustomization.apiVersion };
    children.push(
      isNested && !spec.kubeConfig
        ? await expand(cluster, nested, isCompact, new Set([...path, own]))
        : { ref: child, children: [] },
    );
  }
  return { ref, children };
}

async function findObject(cluster: Cluster, ref: ObjectRef) {
  try {
    return await cluster.get(ref);
  } catch (error) {
    if (isNotFound(error))
      throw new UsageError(`failed to find object: ${causeChain(error).join(': ')}`, { cause: error });
    throw error;
  }
}
