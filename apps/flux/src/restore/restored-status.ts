import { isJsonObject, type JsonObject, type JsonValue, type KubeObject, parseApiVersion } from '@flux/apimachinery';
import { isFluxGroup } from '../backup/flux-definitions.ts';

/** Where and how an object goes on. */
export interface Restored {
  /** The generation that it will have when it is resumed. */
  generation: number;
  /** Whether what it did is in this cluster; otherwise it begins anew. */
  continues: boolean;
  now: Date;
}

/**
 * The status with which an object goes on in another cluster: what it applied and released, but not that it is ready, since
 * nobody has looked yet, and what depends on it has to wait. Sources begin without one: their artifacts are not in this
 * cluster, and everything else is found out again.
 */
export function restoredStatus(archived: KubeObject, { generation, continues, now }: Restored): JsonObject | undefined {
  const { apiVersion, metadata, status } = archived;
  if (!isJsonObject(status)) return undefined;
  const { group } = parseApiVersion(apiVersion);
  if (!isFluxGroup(group)) return status as JsonObject;
  const { lastHandledReconcileAt, lastAttemptedGeneration, conditions } = status as JsonObject;
  // A request to reconcile is an annotation, and comes back with the object.
  const handled = typeof lastHandledReconcileAt === 'string' ? { lastHandledReconcileAt } : undefined;
  if (group.startsWith('source.') || !continues) return handled;
  const behind = generation - 1;
  const attempted = lastAttemptedGeneration === metadata.generation ? generation : behind;
  return {
    ...(status as JsonObject),
    ...('observedGeneration' in status ? { observedGeneration: behind } : {}),
    ...(lastAttemptedGeneration === undefined ? {} : { lastAttemptedGeneration: attempted }),
    ...(Array.isArray(conditions) ? { conditions: restoredConditions(conditions, generation, now) } : {}),
  };
}

function restoredConditions(conditions: readonly JsonValue[], generation: number, now: Date): JsonValue[] {
  return conditions.filter(isJsonObject).map((condition) => {
    if (condition['type'] !== 'Ready') return { ...(condition as JsonObject), observedGeneration: generation - 1 };
    return {
      type: 'Ready',
      status: 'Unknown',
      reason: 'Progressing',
      message: 'restored from a backup, not reconciled yet',
      lastTransitionTime: now.toISOString().replace(/\.\d+Z$/, 'Z'),
      observedGeneration: generation,
    };
  });
}

/**
 * What the inventory of an object in the cluster gains from the archive: entries that it lost track of, so that they are
 * pruned if nothing wants them. `undefined` when there are none.
 */
export function mergedInventory(archived: KubeObject, live: KubeObject): JsonObject | undefined {
  const [before, now] = [entriesOf(archived), entriesOf(live)];
  const known = new Set(now.map(({ id }) => id));
  const lost = before.filter(({ id }) => !known.has(id));
  return lost.length === 0 ? undefined : { inventory: { entries: [...now, ...lost] } };
}

function entriesOf({ status }: KubeObject): JsonObject[] {
  const entries: unknown = status?.inventory?.entries;
  return Array.isArray(entries) ? entries.filter(isJsonObject) : [];
}
