import { deepEqual, type KubeObject } from '@flux/apimachinery';
import type { Resource } from '../registry/resource.ts';
import { storageKey } from '../storage/bucket.ts';
import { copyJson } from '../storage/freeze.ts';
import type { Fields } from '../strategies/fields.ts';
import { type ControllerContext, controllerOf, controllerReference } from './context.ts';
import { deploymentStatus } from './deployment-status.ts';
import { Loop } from './loop.ts';
import { objectKey, splitKey } from './object-key.ts';
import { ownerKeys } from './replicas.ts';
import { limitsOf } from './rollout-limits.ts';
import { templateHash } from './template-hash.ts';

const revisionAnnotation = 'deployment.kubernetes.io/revision';
const hashLabel = 'pod-template-hash';
/** Deployments: one ReplicaSet a template, rolled over within maxSurge and maxUnavailable. */
export function startDeployments(context: ControllerContext): Loop {
  const { api, log } = context;
  const deployments = api.resource('apps', 'deployments');
  const sets = api.resource('apps', 'replicasets');
  const loop: Loop = new Loop('deployments', log, (key) => {
    const live = deployments.bucket.get(storageKey(...splitKey(key)));
    if (live && !live.metadata.deletionTimestamp) reconcile({ context, deployments, sets, loop }, live);
  });
  loop.watch(deployments.bucket, ({ type, object }) => (type === 'DELETED' ? [] : [objectKey(object)]));
  loop.watch(sets.bucket, ownerKeys('Deployment'));
  return loop;
}

interface Parts {
  context: ControllerContext;
  deployments: Resource;
  sets: Resource;
  loop: Loop;
}

function reconcile(parts: Parts, live: KubeObject): void {
  const { sets, context, deployments } = parts;
  const owned = sets.bucket
    .values(live.metadata.namespace)
    .filter((set) => controllerOf(set)?.uid === live.metadata.uid);
  let current = owned.find((set) => sameTemplate(set, live));
  const old = owned.filter((set) => set !== current);
  const revision = 1 + Math.max(0, ...old.map(revisionOf));
  if (!live['spec'].paused) {
    if (!current && !waitsForRecreate(live, old)) current = createSet(parts, live, old, revision);
    else if (current) current = annotateSet(parts, live, current, revision);
    scale(parts, live, current, old);
    cleanUp(parts, live, old);
  } else if (current) scaleTo(parts, current, live['spec'].replicas, live);
  const fresh = (set: KubeObject) => sets.bucket.get(storageKey(set.metadata.namespace, set.metadata.name)) ?? set;
  const state = { current: current && fresh(current), old: old.map(fresh) };
  const { status, checkAfterMs } = deploymentStatus(live, state, context.api.now());
  const revisionNow = state.current ? { [revisionAnnotation]: String(revisionOf(state.current)) } : {};
  const annotations = { ...live.metadata.annotations, ...revisionNow };
  if (!deepEqual(status, live['status']) || !deepEqual(annotations, live.metadata.annotations ?? {})) {
    // One write of the status subresource: as a change of metadata alone the annotation would be a new generation.
    const change = (object: KubeObject) => {
      object['status'] = status;
      if (Object.keys(annotations).length > 0) object.metadata.annotations = annotations;
    };
    context.writer.update(deployments, live, change, 'status');
  }
  if (checkAfterMs !== undefined) parts.loop.addAfter(objectKey(live), checkAfterMs);
}

function revisionOf({ metadata }: KubeObject): number {
  return Number(metadata.annotations?.[revisionAnnotation] ?? 0);
}

function sameTemplate(set: KubeObject, { spec }: KubeObject): boolean {
  const template = copyJson(set['spec'].template) as Fields;
  delete template['metadata']?.labels?.[hashLabel];
  const wanted = copyJson(spec.template) as Fields;
  return deepEqual(template, wanted);
}

function isRecreate({ spec }: KubeObject): boolean {
  return spec.strategy?.type === 'Recreate';
}

/** With Recreate nothing new starts while old pods are there. */
function waitsForRecreate(live: KubeObject, old: readonly KubeObject[]): boolean {
  return isRecreate(live) && old.some((set) => (set['status']?.replicas ?? 0) > 0);
}

function createSet(
  { context, deployments, sets }: Parts,
  live: KubeObject,
  old: readonly KubeObject[],
  revision: number,
): KubeObject {
  const { name, namespace } = live.metadata;
  const { template, replicas = 1 } = live['spec'];
  const hash = templateHash(template);
  const labels = { ...template.metadata?.labels, [hashLabel]: hash };
  const selector = {
    ...live['spec'].selector,
    matchLabels: { ...live['spec'].selector?.matchLabels, [hashLabel]: hash },
  };
  const created = context.writer.create(sets, {
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels,
      annotations: setAnnotations(live, revision),
      ownerReferences: [controllerReference(deployments, live)],
    },
    spec: {
      replicas: Math.min(replicas, room(live, old)),
      ...(live['spec'].minReadySeconds ? { minReadySeconds: live['spec'].minReadySeconds } : {}),
      selector,
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  });
  if (created['spec'].replicas > 0) recordScaling(context, live, created, 0, created['spec'].replicas);
  return created;
}

function setAnnotations(live: KubeObject, revision: number): Record<string, string> {
  const { 'kubectl.kubernetes.io/last-applied-configuration': _applied, ...inherited } =
    live.metadata.annotations ?? {};
  const replicas: number = live['spec'].replicas ?? 1;
  return {
    ...inherited,
    'deployment.kubernetes.io/desired-replicas': String(replicas),
    'deployment.kubernetes.io/max-replicas': String(replicas + (isRecreate(live) ? 0 : limitsOf(live).maxSurge)),
    [revisionAnnotation]: String(revision),
  };
}

/** A set that becomes the newest again (a rollback) gets a new revision. */
function annotateSet({ context, sets }: Parts, live: KubeObject, current: KubeObject, revision: number): KubeObject {
  const annotations = setAnnotations(live, Math.max(revision, revisionOf(current)));
  if (deepEqual({ ...current.metadata.annotations, ...annotations }, current.metadata.annotations)) return current;
  const updated = context.writer.update(sets, current, ({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, ...annotations };
  });
  return updated ?? current;
}

function sum(sets: readonly KubeObject[], read: (set: KubeObject) => number | undefined): number {
  return sets.reduce((total, set) => total + (read(set) ?? 0), 0);
}

/** How many pods of the new set fit beside the old ones. */
function room(live: KubeObject, old: readonly KubeObject[]): number {
  const replicas: number = live['spec'].replicas ?? 1;
  if (isRecreate(live)) return replicas;
  return Math.max(0, replicas + limitsOf(live).maxSurge - sum(old, (set) => set['spec'].replicas));
}

function scale(parts: Parts, live: KubeObject, current: KubeObject | undefined, old: readonly KubeObject[]): void {
  const replicas: number = live['spec'].replicas ?? 1;
  const active = old.filter((set) => (set['spec'].replicas ?? 0) > 0);
  if (isRecreate(live) || !current) {
    for (const set of active) scaleTo(parts, set, 0, live);
    if (current) scaleTo(parts, current, replicas, live);
    return;
  }
  scaleTo(
    parts,
    current,
    active.length === 0 ? replicas : Math.min(replicas, Math.max(current['spec'].replicas, room(live, active))),
    live,
  );
  shrinkOld(parts, live, current, active);
}

function shrinkOld(parts: Parts, live: KubeObject, current: KubeObject, active: readonly KubeObject[]): void {
  if (active.length === 0) return;
  const replicas: number = live['spec'].replicas ?? 1;
  const available = sum([current, ...active], (set) => set['status']?.availableReplicas);
  let removable = Math.max(0, available - (replicas - limitsOf(live).maxUnavailable));
  for (const set of active) {
    const wanted: number = set['spec'].replicas;
    const unhealthy = Math.max(0, wanted - (set['status']?.availableReplicas ?? 0));
    const healthy = Math.min(wanted - unhealthy, removable);
    removable -= healthy;
    scaleTo(parts, set, wanted - unhealthy - healthy, live);
  }
}

function scaleTo({ context, sets }: Parts, set: KubeObject, replicas: number, live: KubeObject): void {
  if (set['spec'].replicas === replicas) return;
  const annotations = setAnnotations(live, revisionOf(set));
  context.writer.update(sets, set, ({ spec, metadata }) => {
    spec.replicas = replicas;
    metadata.annotations = { ...metadata.annotations, ...pick(annotations) };
  });
  recordScaling(context, live, set, set['spec'].replicas ?? 0, replicas);
}

function recordScaling(context: ControllerContext, live: KubeObject, set: KubeObject, from: number, to: number): void {
  const message = `Scaled ${from < to ? 'up' : 'down'} replica set ${set.metadata.name} from ${from} to ${to}`;
  context.recorder('deployment-controller').record(live, { reason: 'ScalingReplicaSet', message });
}

function pick(annotations: Record<string, string>): Record<string, string> {
  const names = ['deployment.kubernetes.io/desired-replicas', 'deployment.kubernetes.io/max-replicas'];
  return Object.fromEntries(names.map((name) => [name, annotations[name]!]));
}

/** Keeps only as many empty sets as revisionHistoryLimit says. */
function cleanUp({ context, sets }: Parts, live: KubeObject, old: readonly KubeObject[]): void {
  const limit: number = live['spec'].revisionHistoryLimit ?? 10;
  const empty = old.filter(
    (set) => !set['spec'].replicas && !set['status']?.replicas && !set.metadata.deletionTimestamp,
  );
  const surplus = empty.sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, Math.max(0, empty.length - limit));
  for (const set of surplus) context.writer.delete(sets, set);
}
