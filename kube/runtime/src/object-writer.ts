import { type Condition, deepCopy, deepEqual, isConflict, type KubeObject, mergeDiff, refOf } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { pause } from './backoff.ts';
import { readConditions, sortConditions } from './conditions.ts';

interface ObjectWriterOptions {
  cluster: Cluster;
  fieldManager: string;
  ownedConditions: readonly string[];
  /** Hears of each state that the server answered. */
  acknowledge(object: KubeObject): void;
  signal: AbortSignal;
}

const maxAttempts = 5;
const retryMs = 100;

/**
 * Writes what a pass changed, and nothing when nothing changed (SRC-CTL-17, KUS-FLOW-03). One merge patch of status holds
 * the changed fields and all conditions; it carries the resourceVersion, so that conditions of other writers are never lost.
 */
export class ObjectWriter {
  readonly #options: ObjectWriterOptions;
  /** The state that the server is known to hold. */
  #base: KubeObject;

  constructor(object: KubeObject, options: ObjectWriterOptions) {
    this.#options = options;
    this.#base = deepCopy(object);
  }

  /** Brings the object's status to the server; steps may go on to change it meanwhile. */
  async writeStatus(object: KubeObject): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const status: unknown = deepCopy(object['status'] ?? {});
      const patch = this.#statusPatch(object);
      if (!patch) return;
      try {
        const answer = await this.#options.cluster.patch(refOf(object), 'merge', patch, {
          subresource: 'status',
          fieldManager: this.#options.fieldManager,
          signal: this.#options.signal,
        });
        this.#accept(answer, status);
        return;
      } catch (error) {
        if (!isConflict(error) || attempt === maxAttempts) throw error;
        if (attempt > 1) await pause(retryMs, this.#options.signal); // the first conflict is mostly a cache a little behind
        await this.#refresh(object);
      }
    }
  }

  addFinalizer(object: KubeObject, finalizer: string): Promise<void> {
    return this.#writeFinalizers(object, (finalizers) => [...finalizers, finalizer]);
  }

  /** The object may be gone afterwards, so nothing is acknowledged: the watch tells. */
  removeFinalizer(object: KubeObject, finalizer: string): Promise<void> {
    return this.#writeFinalizers(object, (finalizers) => finalizers.filter((item) => item !== finalizer), false);
  }

  async #writeFinalizers(
    object: KubeObject,
    change: (finalizers: string[]) => string[],
    acknowledge = true,
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const { resourceVersion } = this.#base.metadata;
      const finalizers = change(this.#base.metadata.finalizers ?? []);
      try {
        const answer = await this.#options.cluster.patch(
          refOf(object),
          'merge',
          { metadata: { resourceVersion, finalizers: finalizers.length > 0 ? finalizers : null } },
          { fieldManager: this.#options.fieldManager, signal: this.#options.signal },
        );
        if (acknowledge) this.#accept(answer, this.#base['status']);
        if (finalizers.length > 0) object.metadata.finalizers = finalizers;
        else delete object.metadata.finalizers;
        return;
      } catch (error) {
        if (!isConflict(error) || attempt === maxAttempts) throw error;
        if (attempt > 1) await pause(retryMs, this.#options.signal); // the first conflict is mostly a cache a little behind
        await this.#refresh(object);
      }
    }
  }

  #statusPatch(object: KubeObject): unknown {
    const desired = this.#mergeConditions(object);
    const { conditions: before = [], ...restBefore } = this.#base['status'] ?? {};
    const { conditions: _conditions, ...restAfter } = object['status'] ?? {};
    const rest = mergeDiff(restBefore, restAfter) ?? {};
    const conditionsPatch = deepEqual(before, desired) ? {} : { conditions: desired.length > 0 ? desired : null };
    const status = { ...rest, ...conditionsPatch };
    if (Object.keys(status).length === 0) return undefined;
    const lock = 'conditions' in status ? { metadata: { resourceVersion: this.#base.metadata.resourceVersion } } : {};
    return { ...lock, status };
  }

  /** Owned types are ours, set or removed; other types are the server's. */
  #mergeConditions(object: KubeObject): Condition[] {
    const isOwned = (condition: Condition) => this.#options.ownedConditions.includes(condition.type);
    const foreign = readConditions(this.#base).filter((condition) => !isOwned(condition));
    const owned = readConditions(object).filter(isOwned);
    const merged = sortConditions([...owned, ...foreign]);
    const isUnchanged = deepEqual(merged, sortConditions(readConditions(this.#base)));
    return isUnchanged ? [...readConditions(this.#base)] : merged;
  }

  async #refresh(object: KubeObject): Promise<void> {
    const fresh = await this.#options.cluster.get(refOf(object), { signal: this.#options.signal });
    this.#rebase(fresh, this.#base['status']);
  }

  #accept(answer: KubeObject, status: unknown): void {
    delete answer.metadata.managedFields;
    this.#options.acknowledge(answer);
    this.#rebase(deepCopy(answer), status);
  }

  /**
   * The server's metadata and conditions, but our own other status fields: the next difference is made against what this
   * pass last wrote, so that it neither takes back what others wrote nor sends again what the schema pruned.
   */
  #rebase(server: KubeObject, status: unknown): void {
    const conditions: unknown = server['status']?.conditions;
    const own = { ...(status as Record<string, unknown> | undefined), conditions };
    if (conditions === undefined) delete own.conditions;
    this.#base = { ...server, status: own };
  }
}
