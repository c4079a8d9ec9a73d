import type { KubeObject } from '@flux/apimachinery';
import type { Resource } from '../registry/resource.ts';
import { storageKey } from '../storage/bucket.ts';
import { type ControllerContext, timestamp } from './context.ts';
import { Loop } from './loop.ts';
import { objectKey, splitKey } from './object-key.ts';

const claimProtection = 'kubernetes.io/pvc-protection';
const volumeProtection = 'kubernetes.io/pv-protection';

/** Claims of the default class and of classes that exist are bound at once; protection finalizers are honoured. */
export function startVolumes(context: ControllerContext): Loop {
  const { api, log } = context;
  const claims = api.resource('', 'persistentvolumeclaims');
  const volumes = api.resource('', 'persistentvolumes');
  const loop = new Loop('volumes', log, (key) => {
    const [namespace, name] = splitKey(key);
    const claim = namespace ? claims.bucket.get(storageKey(namespace, name)) : undefined;
    if (claim) reconcileClaim(context, claims, volumes, claim);
    const volume = namespace ? undefined : volumes.bucket.get(name);
    if (volume) reconcileVolume(context, volumes, claims, volume);
  });
  loop.watch(claims.bucket, ({ object }) => [
    objectKey(object),
    ...(object['spec']?.volumeName ? [`/${object['spec'].volumeName}`] : []),
  ]);
  loop.watch(volumes.bucket, ({ object }) => {
    const { claimRef } = object['spec'];
    return [`/${object.metadata.name}`, ...(claimRef ? [`${claimRef.namespace}/${claimRef.name}`] : [])];
  });
  return loop;
}

function reconcileClaim(context: ControllerContext, claims: Resource, volumes: Resource, claim: KubeObject): void {
  const { writer } = context;
  if (claim.metadata.deletionTimestamp) {
    dropFinalizer(context, claims, claim, claimProtection);
    return;
  }
  if (claim['status']?.phase === 'Bound') return;
  const volume = volumeFor(volumes, claim);
  if (!volume && !isProvisioned(context, claim)) return;
  const { storage } = claim['spec'].resources.requests;
  const volumeName: string = claim['spec'].volumeName ?? volume?.metadata.name ?? `pvc-${claim.metadata.uid}`;
  if (!claim['spec'].volumeName) writer.update(claims, claim, ({ spec }) => Object.assign(spec, { volumeName }));
  if (volume && !volume['spec'].claimRef) {
    const { name, namespace, uid } = claim.metadata;
    const claimRef = { kind: 'PersistentVolumeClaim', namespace, name, uid, apiVersion: 'v1' };
    writer.update(volumes, volume, ({ spec }) => Object.assign(spec, { claimRef }));
  }
  const { accessModes } = claim['spec'];
  const capacity = volume?.['spec'].capacity ?? { storage };
  writer.update(
    claims,
    claim,
    (object) => Object.assign(object, { status: { phase: 'Bound', accessModes, capacity } }),
    'status',
  );
}

/**
 * Whether the simulated provisioner serves the claim: it stands for the default class and for every class that exists. A
 * claim of another class stays Pending, as on any cluster.
 */
function isProvisioned({ api }: ControllerContext, claim: KubeObject): boolean {
  const { storageClassName } = claim['spec'];
  if (storageClassName === undefined) return true;
  return api.resource('storage.k8s.io', 'storageclasses').bucket.get(storageClassName) !== undefined;
}

/** A volume made for the claim by hand: named by it, or fitting it. */
function volumeFor(volumes: Resource, { spec, metadata }: KubeObject): KubeObject | undefined {
  if (spec.volumeName) return volumes.bucket.get(spec.volumeName);
  return volumes.bucket.values().find((volume) => {
    const { claimRef, storageClassName = '', accessModes = [] } = volume['spec'];
    if (volume.metadata.deletionTimestamp) return false;
    if (claimRef) return claimRef.namespace === metadata.namespace && claimRef.name === metadata.name;
    const modes: string[] = spec.accessModes ?? [];
    return storageClassName === (spec.storageClassName ?? '') && modes.every((mode) => accessModes.includes(mode));
  });
}

function reconcileVolume(context: ControllerContext, volumes: Resource, claims: Resource, volume: KubeObject): void {
  if (volume.metadata.deletionTimestamp) {
    dropFinalizer(context, volumes, volume, volumeProtection);
    return;
  }
  const { claimRef } = volume['spec'];
  const claim = claimRef ? claims.bucket.get(storageKey(claimRef.namespace, claimRef.name)) : undefined;
  const isBound = claim !== undefined && (!claimRef.uid || claimRef.uid === claim.metadata.uid);
  const phase = isBound ? 'Bound' : claimRef?.uid ? 'Released' : 'Available';
  if (volume['status']?.phase === phase) return;
  const status = { ...volume['status'], phase, lastPhaseTransitionTime: timestamp(context) };
  context.writer.update(volumes, volume, (object) => Object.assign(object, { status }), 'status');
}

function dropFinalizer({ writer }: ControllerContext, resource: Resource, object: KubeObject, finalizer: string): void {
  if (!object.metadata.finalizers?.includes(finalizer)) return;
  writer.update(resource, object, ({ metadata }) => {
    metadata.finalizers = metadata.finalizers!.filter((item) => item !== finalizer);
    if (metadata.finalizers.length === 0) delete metadata.finalizers;
  });
}
