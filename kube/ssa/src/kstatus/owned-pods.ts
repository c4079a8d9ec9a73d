import {
  gvkOf,
  type KubeObject,
  type LabelSelectorSpec,
  labelSelectorFromObject,
  type ObjectRef,
} from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { computeStatus } from './compute.ts';
import { isUnschedulable } from './core-kinds.ts';
import { fieldAt, textAt } from './fields.ts';
import type { StatusResult } from './result.ts';

/** Whether pods tell more about an unfinished object of this kind than its own status (KUS-HEALTH-25). */
export function isJudgedByPods(object: KubeObject): boolean {
  const { group, kind } = gvkOf(object);
  return group === 'apps' && (kind === 'StatefulSet' || kind === 'ReplicaSet');
}

/** Failed pods make an unfinished owner Failed; those being deleted or waiting for a node do not count. */
export function judgeByPods(own: StatusResult, pods: readonly KubeObject[], now: Date): StatusResult {
  if (own.status !== 'InProgress') return own;
  let failures = 0;
  let recheckAfterMs: number | undefined;
  for (const pod of pods) {
    const result = computeStatus(pod, { now });
    if (result.recheckAfterMs !== undefined)
      recheckAfterMs = Math.min(recheckAfterMs ?? Infinity, result.recheckAfterMs);
    if (result.status !== 'Failed' || isUnschedulable(pod)) continue;
    if (textAt(pod, '', 'metadata', 'deletionTimestamp') === '') failures++;
  }
  if (failures > 0) return { status: 'Failed', message: `${failures} pods have failed` };
  return recheckAfterMs === undefined ? own : { ...own, recheckAfterMs };
}

/** The label selector of a workload in the form of a list request. */
export function podSelectorOf(owner: KubeObject): string {
  return labelSelectorFromObject(fieldAt(owner, 'spec', 'selector') as LabelSelectorSpec | undefined).toString();
}

/** Tells the pods of a workload now and after each change of one of them. */
export function followPods(
  cluster: Cluster,
  owner: KubeObject,
  tell: (pods: readonly KubeObject[]) => void,
  onError: (error: Error) => void,
): Disposable {
  const closing = new AbortController();
  const { signal } = closing;
  const kind = { apiVersion: 'v1', kind: 'Pod' };
  const namespace = owner.metadata.namespace;
  const labelSelector = podSelectorOf(owner);
  const selection = { signal, ...(namespace ? { namespace } : {}), labelSelector };
  const run = async () => {
    while (!signal.aborted) {
      const list = await cluster.list(kind, selection);
      const pods = new Map(list.items.map((pod) => [pod.metadata.name, pod]));
      tell([...pods.values()]);
      for await (const event of cluster.watch(kind, { ...selection, resourceVersion: list.metadata.resourceVersion })) {
        if (event.type === 'ERROR') break;
        if (event.type === 'BOOKMARK') continue;
        if (event.type === 'DELETED') pods.delete(event.object.metadata.name);
        else pods.set(event.object.metadata.name, event.object);
        tell([...pods.values()]);
      }
    }
  };
  run().catch((error) => {
    if (!signal.aborted) onError(error instanceof Error ? error : new Error(String(error)));
  });
  return { [Symbol.dispose]: () => closing.abort() };
}

/** A Deployment's ReplicaSets and pods must be listable, although they do not count (KUS-HEALTH-25). */
export async function checkOwnedAccess(cluster: Cluster, deployment: KubeObject, signal: AbortSignal): Promise<void> {
  const namespace = deployment.metadata.namespace;
  const selection = { limit: 1, signal, ...(namespace ? { namespace } : {}) };
  await cluster.list({ apiVersion: 'apps/v1', kind: 'ReplicaSet' }, selection);
  await cluster.list({ apiVersion: 'v1', kind: 'Pod' }, selection);
}

export function isDeployment(ref: ObjectRef | KubeObject): boolean {
  return gvkOf(ref).group === 'apps' && ref.kind === 'Deployment';
}
