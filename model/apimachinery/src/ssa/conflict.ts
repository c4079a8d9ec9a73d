import { quoteGo } from '@flux/gotypes';
import type { StatusError } from '../status-error.ts';
import { newApplyConflict } from '../statuses.ts';
import { type FieldPath, formatPath } from './field-set.ts';
import { type Ownership, parseManagerId } from './managed.ts';

/** A field that the apply would change although another manager owns it. */
export interface ApplyConflict {
  /** Identity of the owner; see `managerId`. */
  readonly owner: string;
  readonly path: FieldPath;
}

export function listConflicts(conflicting: ReadonlyMap<string, Ownership>): ApplyConflict[] {
  return [...conflicting].flatMap(([owner, { set }]) => set.paths().map((path) => ({ owner, path })));
}

/** `"kubectl" with subresource "status" using v1`; the version only for Update managers (KUBE-SSA-05). */
function printOwner(owner: string): string {
  const { manager = '', operation, apiVersion, subresource } = parseManagerId(owner);
  const name = subresource ? `${quoteGo(manager)} with subresource ${quoteGo(subresource)}` : quoteGo(manager);
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}

/** The 409 of an apply without force. */
export function newConflictsStatus(conflicts: readonly ApplyConflict[]): StatusError {
  const causes = conflicts.map(({ owner, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${printOwner(owner)}`,
    field: formatPath(path),
  }));
  return newApplyConflict(conflictMessage(conflicts), causes);
}

function conflictMessage(conflicts: readonly ApplyConflict[]): string {
  const [first] = conflicts;
  if (first !== undefined && conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${printOwner(first.owner)}: ${formatPath(first.path)}`;
  }
  const owners = [...new Set(conflicts.map(({ owner }) => owner))].sort();
  const lines = owners.flatMap((owner) => [
    `conflicts with ${printOwner(owner)}:`,
    ...conflicts.filter((conflict) => conflict.owner === owner).map(({ path }) => `- ${formatPath(path)}`),
  ]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}
