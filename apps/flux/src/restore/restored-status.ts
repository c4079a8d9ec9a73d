import { isJsonObject, type JsonObject, type JsonValue, type KubeObject, parseApiVersion } from '@flux/apimachinery';

const generations = new Set(['observedGeneration', 'lastAttemptedGeneration']);

/**
 * The status with which an object goes on in another cluster, at the generation that it will have when it is resumed.
 * Sources begin without one: their artifacts are not in this cluster, and everything else is found out again.
 */
export function restoredStatus(archived: KubeObject, generation: number, continues: boolean): JsonObject | undefined {
  const { apiVersion, metadata, status } = archived;
  if (!isJsonObject(status)) return undefined;
  const { group } = parseApiVersion(apiVersion);
  const { lastHandledReconcileAt } = status;
  // A request to reconcile is an annotation, and comes back with the object.
  const handled = typeof lastHandledReconcileAt === 'string' ? { lastHandledReconcileAt } : undefined;
  if (group.startsWith('source.') || !continues) return handled;
  return atGeneration(status as JsonObject, { from: metadata.generation ?? 1, to: generation }) as JsonObject;
}

/** What was up to date stays so; what was not is behind here, too. */
function atGeneration(value: JsonValue, { from, to }: { from: number; to: number }): JsonValue {
  if (Array.isArray(value)) return value.map((item) => atGeneration(item, { from, to }));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([key, member]) => {
      if (!generations.has(key) || typeof member !== 'number') return [key, atGeneration(member, { from, to })];
      return [key, member === from ? to : Math.min(member, to - 1)];
    }),
  );
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
