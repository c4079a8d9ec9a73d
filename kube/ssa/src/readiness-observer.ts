import { formatApiVersion, gvkOf, type KubeObject, type ObjectRef } from '@flux/apimachinery';
import type { Cluster, ResourceMapping } from '@flux/client';
import { computeStatus } from './kstatus/compute.ts';
import { checkOwnedAccess, followPods, isDeployment, isJudgedByPods, judgeByPods } from './kstatus/owned-pods.ts';
import { inProgress, type ReadyStatus, type StatusResult } from './kstatus/result.ts';
import type { StatusReader } from './kstatus/status-reader.ts';
import type { ObjectWatch } from './object-watch.ts';

/** An object that has to become ready. */
export interface WaitTarget {
  ref: ObjectRef;
  /** Known from an apply: an older state of the object, or its deleted predecessor, does not count. */
  uid?: string;
  generation?: number;
  /** A Job that removes itself when it finished: gone means Current (KUS-HEALTH-07). */
  isReadyWhenGone?: boolean;
}

/** A Job with a time to live: it may be gone before anybody has seen it finished (KUS-HEALTH-07). */
export function removesItself(object: KubeObject): boolean {
  const ttl: unknown = object['spec']?.ttlSecondsAfterFinished;
  return object.kind === 'Job' && gvkOf(object).group === 'batch' && ttl !== undefined && ttl !== null;
}

/** What is known of one target. */
export interface ObservedStatus {
  ref: ObjectRef;
  result: StatusResult | undefined;
  /** Why the status is Unknown. */
  error: Error | undefined;
}

interface ObserverContext {
  cluster: Cluster;
  watch: ObjectWatch;
  readers?: readonly StatusReader[];
  checksAccess?: boolean;
  onChange(): void;
}

/** A kind that is not served yet is looked for again: a CRD may arrive during the wait. */
const unknownKindRetryMs = 2_000;

/** Keeps the readiness of one target up to date, from watches of the object and, where they count, of its pods. */
export class ReadinessObserver implements Disposable {
  readonly #target: WaitTarget;
  readonly #context: ObserverContext;
  readonly #closing = new AbortController();
  #subscription: Disposable | undefined;
  #pods: Disposable | undefined;
  #podList: readonly KubeObject[] = [];
  #timer: NodeJS.Timeout | undefined;
  #object: KubeObject | undefined;
  #hasAccess = false;
  #result: StatusResult | undefined;
  #error: Error | undefined;

  constructor(target: WaitTarget, context: ObserverContext) {
    this.#target = target;
    this.#context = context;
    void this.#start();
  }

  /** Unknown until the first state came in. */
  get effectiveStatus(): ReadyStatus {
    const status = this.#result?.status ?? 'Unknown';
    return status === 'NotFound' && this.#target.isReadyWhenGone ? 'Current' : status;
  }

  get observed(): ObservedStatus {
    return { ref: this.#target.ref, result: this.#result, error: this.#error };
  }

  [Symbol.dispose](): void {
    this.#closing.abort();
    clearTimeout(this.#timer);
    this.#subscription?.[Symbol.dispose]();
    this.#pods?.[Symbol.dispose]();
  }

  async #start(): Promise<void> {
    try {
      const ref = await servedRef(this.#context.cluster, this.#target.ref);
      if (this.#closing.signal.aborted) return;
      this.#subscription = this.#context.watch.observe(ref, (object, error) => this.#see(object, error));
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      this.#set({ status: 'Unknown', message: '' }, error);
      this.#timer = setTimeout(() => void this.#start(), unknownKindRetryMs);
    }
  }

  #see(object: KubeObject | undefined, error?: Error): void {
    if (this.#closing.signal.aborted) return;
    this.#object = object;
    if (error) this.#set({ status: 'Unknown', message: '' }, error);
    else this.#judge();
  }

  #judge(): void {
    clearTimeout(this.#timer);
    try {
      const result = this.#statusOf(this.#object);
      this.#set(result, undefined);
      if (result.recheckAfterMs !== undefined) this.#timer = setTimeout(() => this.#judge(), result.recheckAfterMs);
    } catch (error) {
      this.#set({ status: 'Unknown', message: '' }, error);
    }
  }

  #set(result: StatusResult, error: unknown): void {
    this.#result = result;
    this.#error = error === undefined ? undefined : error instanceof Error ? error : new Error(String(error));
    if (result.status === 'Unknown' && !this.#error && result.message !== '') this.#error = new Error(result.message);
    this.#context.onChange();
  }

  #statusOf(object: KubeObject | undefined): StatusResult {
    if (object && this.#isOutdated(object)) return inProgress('the state after the apply has not been seen yet');
    if (!object) return computeStatus(undefined);
    for (const reader of this.#context.readers ?? []) {
      const result = reader(object);
      if (result) return result;
    }
    const now = new Date();
    const own = computeStatus(object, { now });
    if (this.#context.checksAccess && isDeployment(object) && !this.#hasAccess) return this.#checkAccess(object);
    if (own.status !== 'InProgress' || !isJudgedByPods(object)) return own;
    this.#pods ??= this.#followPods(object);
    return judgeByPods(own, this.#podList, now);
  }

  /** A watch may lag behind our own apply. */
  #isOutdated({ metadata }: KubeObject): boolean {
    const { uid, generation } = this.#target;
    if (uid !== undefined && metadata.uid !== uid) return true;
    return generation !== undefined && metadata.generation !== undefined && metadata.generation < generation;
  }

  #followPods(owner: KubeObject): Disposable {
    const tell = (pods: readonly KubeObject[]) => {
      this.#podList = pods;
      this.#judge();
    };
    return followPods(this.#context.cluster, owner, tell, (error) =>
      this.#set({ status: 'Unknown', message: '' }, error),
    );
  }

  #checkAccess(object: KubeObject): StatusResult {
    checkOwnedAccess(this.#context.cluster, object, this.#closing.signal).then(
      () => {
        this.#hasAccess = true;
        this.#judge();
      },
      (error) => !this.#closing.signal.aborted && this.#set({ status: 'Unknown', message: '' }, error),
    );
    return inProgress('checking access to the pods');
  }
}

/** The version in which the kind is served preferably: the one asked for need not exist any more (KUS-HEALTH-04). */
async function servedRef(cluster: Cluster, ref: ObjectRef): Promise<ObjectRef> {
  const { group, kind } = gvkOf(ref);
  const isMine = (mapping: ResourceMapping) => mapping.group === group && mapping.kind === kind;
  const preferred = (await cluster.mappings()).find(isMine);
  if (!preferred) {
    cluster.invalidate(); // it may have appeared a moment ago, in whatever version
    const found = (await cluster.mappings()).find(isMine);
    if (!found) throw new Error(`no matches for kind "${kind}" in group "${group}"`);
    return { ...ref, apiVersion: formatApiVersion(found.group, found.version) };
  }
  return { ...ref, apiVersion: formatApiVersion(preferred.group, preferred.version) };
}
