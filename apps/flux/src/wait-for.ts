import type { KubeObject, ObjectRef } from '@flux/apimachinery/object';
import { isExpired, isNotFound } from '@flux/apimachinery/status-error';
import type { Cluster } from '@flux/client';
import { FluxError } from '@flux/errors';

/** A wait took longer than `--timeout`. */
export class DeadlineError extends FluxError {
  override readonly code = 'DEADLINE';

  constructor(cause?: unknown) {
    super('context deadline exceeded', { cause });
  }
}

interface WaitOptions {
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * Resolves with what `check` makes of an object as soon as it makes anything of it. Watches instead of polling; a watch that
 * ends is opened again. `check` sees `undefined` while the object does not exist, and ends the wait by throwing.
 */
export async function waitFor<T>(
  cluster: Cluster,
  ref: ObjectRef,
  check: (object: KubeObject | undefined) => T | undefined,
  { timeoutMs, signal }: WaitOptions,
): Promise<T> {
  const timeout = AbortSignal.timeout(Math.max(0, Math.min(timeoutMs, 2 ** 31 - 1)));
  const ended = AbortSignal.any([signal, timeout]);
  try {
    for (;;) {
      const result = await watchOnce(cluster, ref, check, ended);
      if (result !== undefined) return result;
      ended.throwIfAborted();
    }
  } catch (error) {
    if (timeout.aborted && !signal.aborted) throw new DeadlineError();
    throw error;
  }
}

async function watchOnce<T>(
  cluster: Cluster,
  ref: ObjectRef,
  check: (object: KubeObject | undefined) => T | undefined,
  signal: AbortSignal,
): Promise<T | undefined> {
  const selector = {
    ...(ref.namespace ? { namespace: ref.namespace } : {}),
    fieldSelector: `metadata.name=${ref.name}`,
    signal,
  };
  const { items, metadata } = await cluster.list(ref, selector);
  const now = check(items[0]);
  if (now !== undefined) return now;
  try {
    for await (const event of cluster.watch(ref, { ...selector, resourceVersion: metadata.resourceVersion })) {
      if (event.type === 'ERROR') return undefined;
      if (event.type === 'BOOKMARK') continue;
      const result = check(event.type === 'DELETED' ? undefined : event.object);
      if (result !== undefined) return result;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!isNotFound(error) && !isExpired(error)) throw error;
  }
  return undefined;
}
