import { deepEqual, type KubeObject } from '@flux/apimachinery';
import type { Resource } from '../registry/resource.ts';
import { storageKey } from '../storage/bucket.ts';
import { type Fields, isTrue, list } from '../strategies/fields.ts';
import { hasEnded } from '../strategies/pod-phase.ts';
import {
  type ControllerContext,
  controllerOf,
  controllerReference,
  type StatusCondition,
  setCondition,
  timestamp,
} from './context.ts';
import { Loop } from './loop.ts';
import { objectKey, splitKey } from './object-key.ts';

/** Pods that a controller owns, those on their way out last. */
export function podsOf(pods: Resource, owner: KubeObject): KubeObject[] {
  const { uid, namespace } = owner.metadata;
  return pods.bucket.values(namespace).filter((pod) => controllerOf(pod)?.uid === uid);
}

export function isActive(pod: KubeObject): boolean {
  return !pod.metadata.deletionTimestamp && !hasEnded(pod);
}

export function isReady({ status }: KubeObject): boolean {
  return isTrue(status, 'Ready');
}

/** A pod made from a template. */
export function podFromTemplate(resource: Resource, owner: KubeObject, template: Fields): Record<string, unknown> {
  const { name, namespace } = owner.metadata;
  return {
    metadata: {
      generateName: `${name}-`,
      namespace,
      ...(template['metadata']?.labels ? { labels: template['metadata'].labels } : {}),
      ...(template['metadata']?.annotations ? { annotations: template['metadata'].annotations } : {}),
      ...(template['metadata']?.finalizers ? { finalizers: template['metadata'].finalizers } : {}),
      ownerReferences: [controllerReference(resource, owner)],
    },
    spec: template['spec'],
  };
}

/** Owners of pods to reconcile when a pod changes. */
export function ownerKeys(kind: string) {
  return ({ object }: { object: KubeObject }): string[] => {
    const owner = controllerOf(object);
    return owner?.kind === kind ? [`${object.metadata.namespace}/${owner.name}`] : [];
  };
}

/** ReplicaSets and ReplicationControllers: as many pods as wanted, and a status that counts them. */
export function startReplicas(context: ControllerContext, group: string, plural: string): Loop {
  const { api, log } = context;
  const resource = api.resource(group, plural);
  const pods = api.resource('', 'pods');
  const loop = new Loop(plural, log, (key) => {
    const live = resource.bucket.get(storageKey(...splitKey(key)));
    if (live) reconcile(context, resource, pods, live);
  });
  loop.watch(resource.bucket, ({ type, object }) => (type === 'DELETED' ? [] : [objectKey(object)]));
  loop.watch(pods.bucket, ownerKeys(resource.kind));
  return loop;
}

function reconcile(context: ControllerContext, resource: Resource, pods: Resource, live: KubeObject): void {
  const { writer } = context;
  const recorder = context.recorder(
    resource.kind === 'ReplicaSet' ? 'replicaset-controller' : 'replication-controller',
  );
  const wanted: number = live['spec'].replicas ?? 1;
  const active = podsOf(pods, live).filter(isActive);
  let failure: string | undefined;
  if (!live.metadata.deletionTimestamp) {
    for (let count = active.length; count < wanted && failure === undefined; count++) {
      try {
        const pod = writer.create(pods, podFromTemplate(resource, live, live['spec'].template));
        recorder.record(live, { reason: 'SuccessfulCreate', message: `Created pod: ${pod.metadata.name}` });
      } catch (error) {
        failure = (error as Error).message;
        recorder.record(live, { type: 'Warning', reason: 'FailedCreate', message: `Error creating: ${failure}` });
      }
    }
    // Those that are not ready go first, as the real controller ranks them.
    const surplus = [...active]
      .sort((a, b) => Number(isReady(a)) - Number(isReady(b)))
      .slice(0, Math.max(0, active.length - wanted));
    for (const pod of surplus) {
      writer.delete(pods, pod);
      recorder.record(live, { reason: 'SuccessfulDelete', message: `Deleted pod: ${pod.metadata.name}` });
    }
  }
  updateStatus(context, resource, pods, live, failure);
}

function updateStatus(
  context: ControllerContext,
  resource: Resource,
  pods: Resource,
  live: KubeObject,
  failure: string | undefined,
): void {
  const owned = podsOf(pods, live);
  const active = owned.filter(isActive);
  const ready = active.filter(isReady).length;
  const before = live['status'] ?? {};
  const conditions = failureConditions(list(before.conditions) as StatusCondition[], failure, timestamp(context));
  const terminating =
    resource.kind === 'ReplicaSet'
      ? { terminatingReplicas: owned.filter(({ metadata }) => metadata.deletionTimestamp).length }
      : {};
  const status = {
    replicas: active.length,
    ...(active.length ? { fullyLabeledReplicas: active.length } : {}),
    ...(ready ? { readyReplicas: ready, availableReplicas: ready } : {}),
    ...terminating,
    observedGeneration: live.metadata.generation,
    ...(conditions.length ? { conditions } : {}),
  };
  if (deepEqual(status, before)) return;
  context.writer.update(resource, live, (object) => Object.assign(object, { status }), 'status');
}

function failureConditions(before: StatusCondition[], failure: string | undefined, now: string): StatusCondition[] {
  const others = before.filter(({ type }) => type !== 'ReplicaFailure');
  if (failure === undefined) return others;
  // Each attempt names another pod; the first message is kept so that the status settles.
  const known = before.find(({ type }) => type === 'ReplicaFailure');
  if (known) return before;
  return setCondition(
    others,
    { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: failure },
    now,
  );
}
