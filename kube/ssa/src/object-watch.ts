import { isNotFound, type KubeObject, type ObjectRef, StatusError } from '@flux/apimachinery';
import type { Cluster, WatchEvent } from '@flux/client';

/** Told the state of an object: `undefined` when it does not exist, `error` when it cannot be read just now. */
export type ObjectListener = (object: KubeObject | undefined, error?: Error) => void;

/** Follows single objects. `kube/runtime` has one over shared watches; `clusterObjectWatch` is the plain one. */
export interface ObjectWatch {
  /** Tells the present state once it is known, and each later one, until it is disposed. */
  observe(ref: ObjectRef, listener: ObjectListener): Disposable;
}

/** How long to wait before reading again after a failure, or where watching is not allowed. */
const rereadMs = 2_000;

/** An `ObjectWatch` that opens one watch connection for each object: for commands, not for controllers. */
export function clusterObjectWatch(cluster: Cluster): ObjectWatch {
  return {
    observe(ref, listener) {
      const closing = new AbortController();
      void follow({ cluster, ref, listener, signal: closing.signal });
      return { [Symbol.dispose]: () => closing.abort() };
    },
  };
}

interface Following {
  cluster: Cluster;
  ref: ObjectRef;
  listener: ObjectListener;
  signal: AbortSignal;
}

async function follow(following: Following): Promise<void> {
  const { listener, signal } = following;
  while (!signal.aborted) {
    try {
      await listAndWatch(following);
    } catch (error) {
      if (signal.aborted) return;
      if (isForbidden(error)) await readOnce(following);
      else listener(undefined, error instanceof Error ? error : new Error(String(error)));
      await pause(rereadMs, signal);
    }
  }
}

async function listAndWatch({ cluster, ref, listener, signal }: Following): Promise<void> {
  const selection = {
    fieldSelector: `metadata.name=${ref.name}`,
    ...(ref.namespace ? { namespace: ref.namespace } : {}),
    signal,
  };
  const list = await cluster.list(ref, selection);
  if (signal.aborted) return;
  listener(list.items[0]);
  const { resourceVersion } = list.metadata;
  for await (const event of cluster.watch(ref, { ...selection, resourceVersion })) {
    if (signal.aborted || event.type === 'ERROR') return;
    tell(event, listener);
  }
}

function tell(event: Exclude<WatchEvent, { type: 'ERROR' }>, listener: ObjectListener): void {
  if (event.type !== 'BOOKMARK') listener(event.type === 'DELETED' ? undefined : event.object);
}

/** Who may not list may still be allowed to get. */
async function readOnce({ cluster, ref, listener, signal }: Following): Promise<void> {
  try {
    const object = await cluster.get(ref, { signal });
    if (!signal.aborted) listener(object);
  } catch (error) {
    if (signal.aborted) return;
    if (isNotFound(error)) listener(undefined);
    else listener(undefined, error instanceof Error ? error : new Error(String(error)));
  }
}

function isForbidden(error: unknown): boolean {
  return error instanceof StatusError && error.statusCode === 403;
}

/** Resolves after `ms`, or at once when the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

/** Resolves when the object is gone; rejects with the signal's reason when that aborts first. */
export function waitUntilGone(watch: ObjectWatch, ref: ObjectRef, signal: AbortSignal, uid?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const abort = () => {
      observation[Symbol.dispose]();
      reject(signal.reason);
    };
    const observation = watch.observe(ref, (object, error) => {
      const isGone = !error && (!object || (uid !== undefined && object.metadata.uid !== uid));
      if (!isGone) return;
      signal.removeEventListener('abort', abort);
      queueMicrotask(() => observation[Symbol.dispose]());
      resolve();
    });
    signal.addEventListener('abort', abort, { once: true });
  });
}
