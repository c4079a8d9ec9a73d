import type { KubeObject } from '@flux/apimachinery';
import { nanoOf } from '../decode/scalars.ts';
import { selectorMatches } from '../strategies/pod-template.ts';
import type { EventText } from './events.ts';

/** The smallest volume that fits a claim, or the one that the claim names or that names the claim. */
export function chosenVolume(volumes: readonly KubeObject[], claim: KubeObject): KubeObject | undefined {
  const { volumeName } = claim['spec'];
  const free = volumes.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  if (volumeName) return free.find(({ metadata, spec }) => metadata.name === volumeName && isFor(claim, spec.claimRef));
  const reserved = free.find(({ spec }) => spec.claimRef !== undefined && isFor(claim, spec.claimRef));
  if (reserved) return reserved;
  const fitting = free.filter((volume) => volume['spec'].claimRef === undefined && fits(volume, claim));
  return fitting.sort((a, b) => (capacityOf(a) < capacityOf(b) ? -1 : 1))[0];
}

interface ClaimReference {
  namespace?: string;
  name?: string;
  uid?: string;
}

function isFor({ metadata }: KubeObject, reference: ClaimReference | undefined): boolean {
  if (reference === undefined) return true;
  const { namespace, name, uid } = reference;
  return namespace === metadata.namespace && name === metadata.name && (!uid || uid === metadata.uid);
}

function fits(volume: KubeObject, { spec }: KubeObject): boolean {
  const { storageClassName = '', accessModes = [], volumeMode = 'Filesystem' } = volume['spec'];
  const modes: string[] = spec.accessModes ?? [];
  return (
    storageClassName === (spec.storageClassName ?? '') &&
    volumeMode === (spec.volumeMode ?? 'Filesystem') &&
    modes.every((mode) => accessModes.includes(mode)) &&
    capacityOf(volume) >= nanoOf(spec.resources?.requests?.storage ?? '0') &&
    (spec.selector === undefined || selectorMatches(spec.selector, volume.metadata.labels ?? {}))
  );
}

function capacityOf({ spec }: KubeObject): bigint {
  return nanoOf(spec.capacity?.storage ?? '0');
}

/** Are volumes of the class made when a claim asks for one? */
export function isProvisionedFor({ provisioner }: KubeObject): boolean {
  return provisioner !== 'kubernetes.io/no-provisioner';
}

/** How a volume names the claim that it is for. */
export function claimReference({ metadata }: KubeObject): Record<string, unknown> {
  const { name, namespace, uid, resourceVersion } = metadata;
  return { kind: 'PersistentVolumeClaim', namespace, name, uid, apiVersion: 'v1', resourceVersion };
}

/** What a provisioner of the class makes for the claim. */
export function provisionedVolume(claim: KubeObject, storageClass: KubeObject): Record<string, unknown> {
  const { accessModes, resources, volumeMode } = claim['spec'];
  const volume = `pvc-${claim.metadata.uid}`;
  return {
    metadata: { name: volume, annotations: { 'pv.kubernetes.io/provisioned-by': storageClass['provisioner'] } },
    spec: {
      capacity: { storage: resources.requests.storage },
      accessModes,
      volumeMode,
      claimRef: claimReference(claim),
      persistentVolumeReclaimPolicy: storageClass['reclaimPolicy'] ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      csi: { driver: storageClass['provisioner'], volumeHandle: volume },
    },
  };
}

/** The event that tells why a claim stays Pending. */
export function bindingFailure({ spec }: KubeObject, storageClass: KubeObject | undefined): EventText | undefined {
  if (spec.volumeName) return undefined;
  if (!spec.storageClassName) {
    return {
      reason: 'FailedBinding',
      message: 'no persistent volumes available for this claim and no storage class is set',
    };
  }
  if (!storageClass) {
    const message = `storageclass.storage.k8s.io ${JSON.stringify(spec.storageClassName)} not found`;
    return { reason: 'ProvisioningFailed', message, type: 'Warning' };
  }
  if (storageClass['volumeBindingMode'] === 'WaitForFirstConsumer') {
    return { reason: 'WaitForFirstConsumer', message: 'waiting for first consumer to be created before binding' };
  }
  return undefined;
}
