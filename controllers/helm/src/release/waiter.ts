import { gvkOf, type KubeObject, type ObjectRef, refOf } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import type { ReleaseWaiter, ReleaseWaitOptions } from '@flux/helm';
import {
  jobStatusReader,
  judge,
  type ObjectWatch,
  removesItself,
  type StatusReader,
  type WaitOptions,
  type WaitTarget,
  waitForReady,
  waitUntilGone,
} from '@flux/ssa';
import { explainUnready } from './explain-unready.ts';
import { LegacyWait, legacyHookVerdict, legacyVerdict } from './legacy-wait.ts';
import { NotReadyError, terminationTimeout, WaitTimeoutError } from './wait-errors.ts';

export interface ReleaseWaiterOptions {
  cluster: Cluster;
  watch: ObjectWatch;
  /** Of `spec.healthCheckExprs`; asked before the stock rules, never by `legacy` (HELM-WAIT-02 and -05). */
  readers?: readonly StatusReader[];
  /** True when the cluster acts as another user. */
  checksAccess?: boolean;
}

/** Waits for the objects of releases by watches: `poller` by the rules of kstatus, `legacy` by those of Helm 3. */
export function createReleaseWaiter(options: ReleaseWaiterOptions): ReleaseWaiter {
  return {
    async waitReady(objects, wait) {
      await explaining(options, { objects, wait }, async () => {
        if (wait.strategy === 'legacy') {
          const checkJobs = wait.jobs;
          await new LegacyWait(options, wait).run(objects, (object) =>
            legacyVerdict(object, options.cluster, { checkJobs }),
          );
        } else {
          const readers = [...(options.readers ?? []), ...(wait.jobs ? [jobStatusReader] : [])];
          await waitForObjects(objects, options, { ...wait, readers, failFast: true });
        }
      });
    },
    async waitHook(objects, wait) {
      await explaining(options, { objects, wait }, async () => {
        if (wait.strategy === 'legacy') await waitForLegacyHook(objects, options, wait);
        else await waitForObjects(objects, options, { ...wait, readers: hookReaders(options), failFast: false });
      });
    },
    async waitGone(refs, wait) {
      await waitForDeletion(refs, options, wait);
    },
  };
}

/** A failure, but not the end of the action itself, carries with it why the objects are not ready. */
async function explaining(
  { cluster }: ReleaseWaiterOptions,
  { objects, wait }: { objects: readonly KubeObject[]; wait: ReleaseWaitOptions },
  waiting: () => Promise<void>,
): Promise<void> {
  try {
    await waiting();
  } catch (error) {
    if (!(error instanceof Error) || wait.signal?.aborted) throw error;
    const why = await explainUnready(cluster, objects.map(refOf));
    throw why.length > 0 ? new NotReadyError(error, why) : error;
  }
}

/** Jobs and Pods have to succeed, everything else is ready at once unless an expression judges it (HELM-WAIT-03). */
function hookReaders({ readers = [] }: ReleaseWaiterOptions): StatusReader[] {
  return [...readers, jobStatusReader, podStatusReader, () => ({ status: 'Current', message: 'Resource is current' })];
}

/** A Pod as a task: ready when it succeeded. */
const podStatusReader: StatusReader = (object) => {
  const { group, kind } = gvkOf(object);
  if (group !== '' || kind !== 'Pod') return undefined;
  const { name } = object.metadata;
  switch (object['status']?.phase) {
    case 'Succeeded':
      return { status: 'Current', message: `pod ${name} succeeded` };
    case 'Failed':
      return { status: 'Failed', message: `pod ${name} failed` };
    default:
      return { status: 'InProgress', message: 'Pod in progress' };
  }
};

type PollerOptions = ReleaseWaitOptions & { readers: readonly StatusReader[]; failFast: boolean };

async function waitForObjects(
  objects: readonly KubeObject[],
  { cluster, watch, checksAccess }: ReleaseWaiterOptions,
  { timeoutMs, signal, readers, failFast }: PollerOptions,
): Promise<void> {
  const isAwaited = (object: KubeObject) =>
    !isPaused(object) && ((checksAccess && object.kind === 'Deployment') || !isReadyAsWritten(object, readers));
  const targets = objects.filter(isAwaited).map(targetOf);
  const options: WaitOptions = {
    watch,
    timeoutMs,
    failFast,
    readers,
    ...(signal ? { signal } : {}),
    ...(checksAccess ? { checksAccess } : {}),
  };
  await waitForReady(cluster, targets, options);
}

/** A paused Deployment never becomes ready. */
function isPaused(object: KubeObject): boolean {
  return object.apiVersion === 'apps/v1' && object.kind === 'Deployment' && object['spec']?.paused === true;
}

/** Nobody has to watch what the server's answer to our write shows ready. */
function isReadyAsWritten(object: KubeObject, readers: readonly StatusReader[]): boolean {
  return object.metadata.resourceVersion !== undefined && judge(object, readers)?.status === 'Current';
}

function targetOf(object: KubeObject): WaitTarget {
  const { uid, generation } = object.metadata;
  const isReadyWhenGone = removesItself(object);
  return {
    ref: refOf(object),
    ...(uid ? { uid } : {}),
    ...(generation === undefined ? {} : { generation }),
    ...(isReadyWhenGone ? { isReadyWhenGone } : {}),
  };
}

async function waitForLegacyHook(
  objects: readonly KubeObject[],
  options: ReleaseWaiterOptions,
  wait: ReleaseWaitOptions,
): Promise<void> {
  const tasks = objects.filter(({ kind }) => kind === 'Job' || kind === 'Pod');
  const hookWait = new LegacyWait(options, wait, {
    timeoutText: 'timed out waiting for the condition',
    goneIsDone: true,
  });
  await hookWait.run(tasks, async (object) => legacyHookVerdict(object));
}

async function waitForDeletion(
  refs: readonly ObjectRef[],
  { watch }: ReleaseWaiterOptions,
  { strategy, timeoutMs, signal }: ReleaseWaitOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const deadline = AbortSignal.timeout(timeoutMs);
  const ending = signal ? AbortSignal.any([signal, deadline]) : deadline;
  const results = await Promise.allSettled(refs.map((ref) => waitUntilGone(watch, ref, ending)));
  const left = results.findIndex((result) => result.status === 'rejected');
  if (left < 0) return;
  signal?.throwIfAborted();
  if (strategy === 'legacy') throw new WaitTimeoutError('context deadline exceeded');
  throw terminationTimeout(refs[left]!);
}
