import { formatGvk, type Gvk, isSelected } from './gvk.ts';

const notNamespaced = '_non_namespaceable_';
const defaultNamespace = 'default';

/** What names one resource inside a build. `effectiveNamespace` is what identity compares. */
export interface ResourceId extends Gvk {
  readonly name: string;
  readonly namespace: string;
  readonly clusterScoped: boolean;
}

export function effectiveNamespace(id: ResourceId): string {
  if (id.clusterScoped) return notNamespaced;
  return id.namespace === '' ? defaultNamespace : id.namespace;
}

/** Equal keys mean the same resource: same kind, name and effective namespace. */
export function idKey(id: ResourceId): string {
  return `${id.kind}\n${id.name}\n${effectiveNamespace(id)}\n${id.version}\n${id.group}`;
}

export function sameNamespace(a: ResourceId, b: ResourceId): boolean {
  return effectiveNamespace(a) === effectiveNamespace(b);
}

/** `Kind.version.group/name.namespace`, as kustomize prints ids. */
export function formatId(id: Omit<ResourceId, 'clusterScoped'>): string {
  return `${formatGvk(id)}/${id.name || '[noName]'}.${id.namespace || '[noNs]'}`;
}

/** Whether the selector's non-empty fields equal those of the id (replacement sources). */
export function isSelectedBy(id: ResourceId, selector: ResourceId): boolean {
  return (
    (selector.name === '' || selector.name === id.name) &&
    (selector.namespace === '' || sameNamespace(selector, id)) &&
    isSelected(id, selector)
  );
}
