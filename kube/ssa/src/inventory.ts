import { formatApiVersion, gvkOf, type ObjectRef, parseApiVersion } from '@flux/apimachinery';
import { FluxError } from '@flux/errors';
import type { ChangeSet } from './change-set.ts';

/** One object that a Kustomization owns (KUS-INV-01). */
export interface InventoryEntry {
  /** `<namespace>_<name>_<group>_<kind>`. */
  id: string;
  /** API version without the group. */
  v: string;
}

export interface Inventory {
  entries: InventoryEntry[];
}

/** An id in a stored inventory is not one that this project or Flux writes. */
export class InventoryError extends FluxError {
  override readonly code = 'INVENTORY_INVALID';
}

const kindsWithColons = new Set(['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding']);

/** The id of an object; `:` in names of RBAC kinds is written `__`. */
export function formatInventoryId(ref: ObjectRef): string {
  const { group } = parseApiVersion(ref.apiVersion);
  const name = kindsWithColons.has(ref.kind) ? ref.name.replaceAll(':', '__') : ref.name;
  return `${ref.namespace ?? ''}_${name}_${group}_${ref.kind}`;
}

export function inventoryEntryOf(ref: ObjectRef): InventoryEntry {
  return { id: formatInventoryId(ref), v: gvkOf(ref).version };
}

/** The inventory after an apply: everything that was applied, skipped or found unchanged, in apply order (KUS-INV-02). */
export function inventoryOf(changes: ChangeSet): Inventory {
  return { entries: changes.map(({ ref }) => inventoryEntryOf(ref)) };
}

/** First `_` ends the namespace, last starts the kind, the one before it the group. */
export function parseInventoryEntry(entry: InventoryEntry): ObjectRef {
  const { id } = entry;
  const afterNamespace = id.indexOf('_');
  const beforeKind = id.lastIndexOf('_');
  const beforeGroup = beforeKind < 1 ? -1 : id.lastIndexOf('_', beforeKind - 1);
  if (afterNamespace < 0 || beforeGroup <= afterNamespace) {
    throw new InventoryError(`unable to parse stored object metadata: ${id}`);
  }
  const namespace = id.slice(0, afterNamespace);
  const name = id.slice(afterNamespace + 1, beforeGroup).replaceAll('__', ':');
  const group = id.slice(beforeGroup + 1, beforeKind);
  const kind = id.slice(beforeKind + 1);
  return { apiVersion: formatApiVersion(group, entry.v), kind, name, ...(namespace === '' ? {} : { namespace }) };
}

/** Entries of `previous` that `next` has not; a version bump is no difference (KUS-GC-01). */
export function staleEntries(previous: Inventory | undefined, next: Inventory | undefined): InventoryEntry[] {
  const kept = new Set((next?.entries ?? []).map(({ id }) => id));
  return (previous?.entries ?? []).filter(({ id }) => !kept.has(id));
}
