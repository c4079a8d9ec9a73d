import type { KubeObject, ObjectRef } from '@flux/apimachinery';

/** `hook-only` waits for hooks alone, by the rules of `poller` (HELM-WAIT-01). */
export type WaitStrategy = 'poller' | 'legacy' | 'hook-only';

export interface ReleaseWaitOptions {
  strategy: WaitStrategy;
  /** One deadline for all objects of the call. */
  timeoutMs: number;
  signal?: AbortSignal;
}

/**
 * Waits for objects of a release (HELM-WAIT). It is given the objects as the cluster answered them to our write (with uid
 * and generation), rejects with an error whose text is Helm's or Flux's, and with the
 * signal's reason on abort. It is never called with no objects, and `waitReady` not at all with `hook-only`.
 */
export interface ReleaseWaiter {
  /** Until all are ready; with `jobs` a Job has to be complete, not only started. */
  waitReady(objects: readonly KubeObject[], options: ReleaseWaitOptions & { jobs: boolean }): Promise<void>;
  /** Until Jobs and Pods succeeded; other kinds are ready at once (HELM-WAIT-03). */
  waitHook(objects: readonly KubeObject[], options: ReleaseWaitOptions): Promise<void>;
  /** Until all are gone (HELM-WAIT-04). */
  waitGone(refs: readonly ObjectRef[], options: ReleaseWaitOptions): Promise<void>;
}
