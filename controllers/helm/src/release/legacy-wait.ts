import {
  formatApiVersion,
  gvkOf,
  isNotFound,
  type KubeObject,
  labelSelectorFromSet,
  newNotFound,
  type ObjectRef,
  refOf,
  StatusError,
} from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import type { ReleaseWaitOptions } from '@flux/helm';
import type { ObjectWatch } from '@flux/ssa';
import { deploymentReady, podReady, readinessOf } from './legacy-readiness.ts';
import { NeverReadyError, WaitTimeoutError } from './wait-errors.ts';

/** So many failures of a read in a row are taken for passing trouble (HELM-WAIT-05). */
const toleratedErrors = 30;

export interface LegacyWaitOptions {
  timeoutText?: string;
  /** Whether an object that goes away during the wait counts as ready. */
  goneIsDone?: boolean;
}

type Verdict = (object: KubeObject) => Promise<boolean>;

/** Helm 3's wait, told by watches when to look instead of looking every two seconds. */
export class LegacyWait {
  readonly #cluster: Cluster;
  readonly #watch: ObjectWatch;
  readonly #wait: ReleaseWaitOptions;
  readonly #options: LegacyWaitOptions;

  constructor(
    { cluster, watch }: { cluster: Cluster; watch: ObjectWatch },
    wait: ReleaseWaitOptions,
    options: LegacyWaitOptions = {},
  ) {
    this.#cluster = cluster;
    this.#watch = watch;
    this.#wait = wait;
    this.#options = options;
  }

  /** Resolves when all objects are ready by `isReady`; the first that never can be ends the wait. */
  async run(objects: readonly KubeObject[], isReady: Verdict): Promise<void> {
    const { timeoutMs, signal } = this.#wait;
    signal?.throwIfAborted();
    const ending = new AbortController();
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const abort = () => reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    const timeoutText = this.#options.timeoutText ?? 'context deadline exceeded';
    const timer = setTimeout(() => reject(new WaitTimeoutError(timeoutText)), timeoutMs);
    try {
      const waits = objects.map((object) => this.#waitForOne(object, isReady, ending.signal));
      await Promise.race([ended, Promise.all(waits)]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      ending.abort();
    }
  }

  async #waitForOne(object: KubeObject, isReady: Verdict, ending: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let errors = 0;
    const fail = (error: unknown) => {
      errors += 1;
      if (!isRetryable(error) || errors > toleratedErrors) reject(error);
    };
    const judge = async (live: KubeObject) => {
      try {
        if (await isReady(live)) resolve();
        errors = 0;
      } catch (error) {
        fail(error);
      }
    };
    using _ = this.#watch.observe(refOf(object), (live, error) => {
      if (ending.aborted) return;
      if (error) fail(error);
      else if (live) void (isOutdated(live, object) || judge(live));
      else if (this.#options.goneIsDone) resolve();
      else void this.#notFound(refOf(object)).then(reject, reject);
    });
    ending.addEventListener('abort', () => resolve(), { once: true });
    await promise;
  }

  async #notFound(ref: ObjectRef): Promise<StatusError> {
    const { group, resource } = await this.#cluster.mapping(ref);
    return newNotFound({ group, resource }, ref.name);
  }
}

/** A watch may lag behind our own write. */
function isOutdated(live: KubeObject, { metadata: { uid, generation } }: KubeObject): boolean {
  if (uid !== undefined && live.metadata.uid !== uid) return true;
  return generation !== undefined && (live.metadata.generation ?? generation) < generation;
}

function isRetryable(error: unknown): boolean {
  if (error instanceof NeverReadyError) return false;
  if (!(error instanceof StatusError)) return true;
  const { statusCode } = error;
  return statusCode === 429 || (statusCode >= 500 && statusCode !== 501);
}

/** Whether an object of a release is ready by Helm 3's rules (HELM-WAIT-05). */
export async function legacyVerdict(
  object: KubeObject,
  cluster: Cluster,
  { checkJobs }: { checkJobs: boolean },
): Promise<boolean> {
  const { group, kind } = gvkOf(object);
  if (group === 'batch' && kind === 'Job' && !checkJobs) return true;
  if (group === 'apps' && kind === 'Deployment' && !object['spec']?.paused) return deploymentVerdict(object, cluster);
  if (!readinessOf(object)) return false;
  const hasPods = (group === 'apps' && kind === 'ReplicaSet') || (group === '' && kind === 'ReplicationController');
  return !hasPods || podsVerdict(object, cluster);
}

async function deploymentVerdict(deployment: KubeObject, cluster: Cluster): Promise<boolean> {
  const { items } = await cluster.list(
    { apiVersion: formatApiVersion('apps', 'v1'), kind: 'ReplicaSet' },
    {
      ...namespaceOf(deployment),
      labelSelector: labelSelectorFromSet(deployment['spec']?.selector?.matchLabels ?? {}).toString(),
    },
  );
  return deploymentReady(deployment, items);
}

async function podsVerdict(owner: KubeObject, cluster: Cluster): Promise<boolean> {
  const selector = owner['spec']?.selector;
  const labels = owner.kind === 'ReplicaSet' ? selector?.matchLabels : selector;
  const selection = { ...namespaceOf(owner), labelSelector: labelSelectorFromSet(labels ?? {}).toString() };
  try {
    return (await cluster.list({ apiVersion: 'v1', kind: 'Pod' }, selection)).items.every(podReady);
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

function namespaceOf({ metadata: { namespace } }: KubeObject): { namespace?: string } {
  return namespace ? { namespace } : {};
}

/** Whether the task of a hook is done; a failed one is an error. */
export function legacyHookVerdict(object: KubeObject): boolean {
  const { name } = object.metadata;
  if (object.kind === 'Pod') {
    const phase = object['status']?.phase;
    if (phase === 'Failed') throw new NeverReadyError(`pod ${name} failed`);
    return phase === 'Succeeded';
  }
  const conditions: readonly { type: string; status: string; reason?: string }[] = object['status']?.conditions ?? [];
  for (const { type, status, reason = '' } of conditions) {
    if (status !== 'True') continue;
    if (type === 'Complete') return true;
    if (type === 'Failed') throw new NeverReadyError(`job ${name} failed: ${reason}`);
  }
  return false;
}
