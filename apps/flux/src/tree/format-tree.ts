import { parseApiVersion } from '@flux/apimachinery';
import type { TreeNode } from './kustomization-tree.ts';

/** The tree in lines, a level per four columns. */
export function formatTree(tree: TreeNode): string {
  return [labelOf(tree), ...branches(tree.children, '')].map((line) => `${line}\n`).join('');
}

function branches(children: readonly TreeNode[], indent: string): string[] {
  return children.flatMap((child, at) => {
    const isLast = at === children.length - 1;
    return [
      `${indent}${isLast ? '└── ' : '├── '}${labelOf(child)}`,
      ...branches(child.children, `${indent}${isLast ? '    ' : '│   '}`),
    ];
  });
}

function labelOf({ ref }: TreeNode): string {
  return ref.namespace ? `${ref.kind}/${ref.namespace}/${ref.name}` : `${ref.kind}/${ref.name}`;
}

interface TreeDocument {
  resource: { Namespace: string; Name: string; GroupKind: { Group: string; Kind: string } };
  resources?: TreeDocument[];
}

/** The tree as data, in the field names that flux prints. */
export function treeDocument({ ref, children }: TreeNode): TreeDocument {
  const { group } = parseApiVersion(ref.apiVersion);
  return {
    resource: { Namespace: ref.namespace ?? '', Name: ref.name, GroupKind: { Group: group, Kind: ref.kind } },
    ...(children.length > 0 ? { resources: children.map(treeDocument) } : {}),
  };
}
