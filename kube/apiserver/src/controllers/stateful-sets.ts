import { deepEqual, type KubeObject } from '@flux/apimachinery';
import type { Resource } from '../registry/resource.ts';
import { storageKey } from '../storage/bucket.ts';
import { type Fields, list } from '../strategies/fields.ts';
import { type ControllerContext, controllerReference } from './context.ts';
import { Loop } from './loop.ts';
import { objectKey, splitKey } from './object-key.ts';
import { isReady, ownerKeys, podsOf } from './replicas.ts';
import { keepRevisions } from './revisions.ts';

const revisionLabel = 'controller-revision-hash';

/** StatefulSets: numbered pods in order, claims from their templates, rolling updates from the highest number down. */
export function startStatefulSets(context: ControllerContext): Loop {
  const { api, log } = context;
  const sets = api.resource('apps', 'statefulsets');
  const pods = api.resource('', 'pods');
  const loop = new Loop('statefulsets', log, (key) => {
    const live = sets.bucket.get(storageKey(...splitKey(key)));
    if (live) reconcile({ context, sets, pods }, live);
  });
  loop.watch(sets.bucket, ({ type, object }) => (type === 'DELETED' ? [] : [objectKey(object)]));
  loop.watch(pods.bucket, ownerKeys('StatefulSet'));
  return loop;
}

interface Parts {
  context: ControllerContext;
  sets: Resource;
  pods: Resource;
}

function reconcile(parts: Parts, live: KubeObject): void {
  const { context, sets, pods } = parts;
  const owned = podsOf(pods, live);
  const used = owned.map(({ metadata }) => metadata.labels?.[revisionLabel] ?? '');
  const known: string = live['status']?.currentRevision ?? '';
  const update = live.metadata.deletionTimestamp
    ? (live['status']?.updateRevision ?? known)
    : keepRevisions(context, sets, live, new Set([...used, known])).name;
  const current = known || update;
  if (!live.metadata.deletionTimestamp) arrange(parts, live, owned, { update, current });
  updateStatus(parts, live, { update, current });
}

interface Revisions {
  update: string;
  current: string;
}

function ordinalOf({ metadata }: KubeObject): number {
  return Number(metadata.name.slice(metadata.name.lastIndexOf('-') + 1));
}

function arrange(parts: Parts, live: KubeObject, pods: readonly KubeObject[], revisions: Revisions): void {
  const first: number = live['spec'].ordinals?.start ?? 0;
  const wanted: number = live['spec'].replicas ?? 1;
  const isParallel = live['spec'].podManagementPolicy === 'Parallel';
  const owned = new Map(pods.map((pod) => [ordinalOf(pod), pod]));
  for (let ordinal = first; ordinal < first + wanted; ordinal++) {
    const pod = owned.get(ordinal);
    if (!pod) createPod(parts, live, ordinal, revisions);
    if (!isParallel && (!pod || !isReady(pod) || pod.metadata.deletionTimestamp)) return;
  }
  const surplus = [...owned.values()]
    .filter((pod) => ordinalOf(pod) >= first + wanted)
    .sort((a, b) => ordinalOf(b) - ordinalOf(a));
  for (const pod of surplus) {
    if (!pod.metadata.deletionTimestamp) deletePod(parts, live, pod);
    if (!isParallel) return;
  }
  if (surplus.length === 0) roll(parts, live, [...owned.values()], revisions);
}

/** Replaces one outdated pod at a time; its successor is made when it is gone. */
function roll(parts: Parts, live: KubeObject, owned: readonly KubeObject[], { update }: Revisions): void {
  const { type, rollingUpdate } = live['spec'].updateStrategy;
  if (type === 'OnDelete') return;
  const partition: number = rollingUpdate?.partition ?? 0;
  const outdated = [...owned]
    .filter((pod) => ordinalOf(pod) >= partition && pod.metadata.labels?.[revisionLabel] !== update)
    .sort((a, b) => ordinalOf(b) - ordinalOf(a));
  const next = outdated[0];
  if (!next || owned.some((pod) => pod.metadata.deletionTimestamp || !isReady(pod))) return;
  deletePod(parts, live, next);
}

function deletePod({ context, pods }: Parts, live: KubeObject, pod: KubeObject): void {
  context.writer.delete(pods, pod);
  tell(context, live, 'Delete', `Pod ${pod.metadata.name}`);
}

function tell(context: ControllerContext, live: KubeObject, verb: 'Create' | 'Delete', what: string): void {
  const message = `${verb} ${what} in StatefulSet ${live.metadata.name} success${what.startsWith('Claim') ? '' : 'ful'}`;
  context.recorder('statefulset-controller').record(live, { reason: `Successful${verb}`, message });
}

function createPod(
  { context, sets, pods }: Parts,
  live: KubeObject,
  ordinal: number,
  { update, current }: Revisions,
): void {
  const { name, namespace } = live.metadata;
  const podName = `${name}-${ordinal}`;
  const { template, volumeClaimTemplates, serviceName } = live['spec'];
  createClaims(context, live, ordinal);
  const partition: number = live['spec'].updateStrategy?.rollingUpdate?.partition ?? 0;
  const claims = list(volumeClaimTemplates).map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: `${metadata.name}-${podName}` },
  }));
  const named = new Set(claims.map((volume) => volume.name));
  const volumes = [...claims, ...list(template.spec.volumes).filter((volume) => !named.has(volume['name']))];
  context.writer.create(pods, {
    metadata: {
      name: podName,
      namespace,
      labels: {
        ...template.metadata?.labels,
        'apps.kubernetes.io/pod-index': String(ordinal),
        [revisionLabel]: ordinal < partition ? current : update,
        'statefulset.kubernetes.io/pod-name': podName,
      },
      ...(template.metadata?.annotations ? { annotations: template.metadata.annotations } : {}),
      ownerReferences: [controllerReference(sets, live)],
    },
    spec: {
      ...template.spec,
      hostname: podName,
      ...(serviceName ? { subdomain: serviceName } : {}),
      ...(volumes.length ? { volumes } : {}),
    },
  });
  tell(context, live, 'Create', `Pod ${podName}`);
}

function createClaims(context: ControllerContext, live: KubeObject, ordinal: number): void {
  const { api, writer } = context;
  const claims = api.resource('', 'persistentvolumeclaims');
  const { name, namespace } = live.metadata;
  for (const { metadata, spec } of list(live['spec'].volumeClaimTemplates) as Fields[] as {
    metadata: Fields;
    spec: Fields;
  }[]) {
    const claimName = `${metadata['name']}-${name}-${ordinal}`;
    if (claims.bucket.get(storageKey(namespace, claimName))) continue;
    const labels = { ...live['spec'].selector?.matchLabels, ...metadata['labels'] };
    writer.create(claims, { metadata: { ...metadata, name: claimName, namespace, labels }, spec });
    tell(context, live, 'Create', `Claim ${claimName} Pod ${name}-${ordinal}`);
  }
}

function updateStatus({ context, sets, pods }: Parts, live: KubeObject, { update, current }: Revisions): void {
  const owned = podsOf(pods, live).filter(({ metadata }) => !metadata.deletionTimestamp);
  const updated = owned.filter((pod) => pod.metadata.labels?.[revisionLabel] === update);
  const ready = owned.filter(isReady).length;
  const wanted: number = live['spec'].replicas ?? 1;
  const isRolled =
    updated.length === owned.length &&
    owned.length === wanted &&
    ready === wanted &&
    live['spec'].updateStrategy?.type !== 'OnDelete';
  const currentRevision = isRolled ? update : current;
  const ofCurrent = currentRevision === update ? updated.length : owned.length - updated.length;
  const status = {
    observedGeneration: live.metadata.generation,
    replicas: owned.length,
    ...(ready ? { readyReplicas: ready } : {}),
    ...(ofCurrent ? { currentReplicas: ofCurrent } : {}),
    ...(updated.length ? { updatedReplicas: updated.length } : {}),
    currentRevision,
    updateRevision: update,
    collisionCount: 0,
    availableReplicas: ready,
  };
  if (deepEqual(status, live['status'])) return;
  context.writer.update(sets, live, (object) => Object.assign(object, { status }), 'status');
}
