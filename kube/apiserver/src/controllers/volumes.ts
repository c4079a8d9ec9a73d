import type { KubeObject } from '@flux/apimachinery';
import type { Resource } from '../registry/resource.ts';
import { storageKey } from '../storage/bucket.ts';
import { list } from '../strategies/fields.ts';
import { type ControllerContext, timestamp } from './context.ts';
import { Loop } from './loop.ts';
import { objectKey, splitKey } from './object-key.ts';
import { bindingFailure, chosenVolume, claimReference, isProvisionedFor, provisionedVolume } from './volume-choice.ts';

const claimProtection = 'kubernetes.io/pvc-protection';
const volumeProtection = 'kubernetes.io/pv-protection';
const boundByController = { 'pv.kubernetes.io/bound-by-controller': 'yes' };

/** Binds claims to volumes that fit, makes volumes for claims of a class, and honours the protection finalizers. */
export function startVolumes(context: ControllerContext): Loop {
  const binder = new VolumeBinder(context);
  const loop = new Loop('volumes', context.log, (key) => {
    const [namespace, name] = splitKey(key);
    if (namespace) binder.claim(namespace, name);
    else binder.volume(name);
  });
  const { claims, volumes, classes, pods } = binder;
  loop.watch(claims.bucket, ({ object }) => [
    objectKey(object),
    ...(object['spec']?.volumeName ? [`/${object['spec'].volumeName}`] : []),
  ]);
  const pending = () =>
    claims.bucket
      .values()
      .filter(({ status }) => status?.phase === 'Pending')
      .map(objectKey);
  loop.watch(volumes.bucket, ({ object }) => {
    const { claimRef } = object['spec'];
    return [`/${object.metadata.name}`, ...(claimRef ? [`${claimRef.namespace}/${claimRef.name}`] : pending())];
  });
  loop.watch(classes.bucket, ({ type }) => (type === 'DELETED' ? [] : pending()));
  loop.watch(pods.bucket, ({ type, object }) =>
    type === 'DELETED' ? claimsOf(object).map((name) => `${object.metadata.namespace}/${name}`) : [],
  );
  return loop;
}

function claimsOf({ spec }: KubeObject): string[] {
  return list(spec?.volumes).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
}

class VolumeBinder {
  readonly #context: ControllerContext;
  readonly claims: Resource;
  readonly volumes: Resource;
  readonly classes: Resource;
  readonly pods: Resource;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.claims = context.api.resource('', 'persistentvolumeclaims');
    this.volumes = context.api.resource('', 'persistentvolumes');
    this.classes = context.api.resource('storage.k8s.io', 'storageclasses');
    this.pods = context.api.resource('', 'pods');
  }

  claim(namespace: string, name: string): void {
    const claim = this.claims.bucket.get(storageKey(namespace, name));
    if (!claim) return;
    if (claim.metadata.deletionTimestamp) {
      if (!this.#isInUse(claim)) this.#dropFinalizer(this.claims, claim, claimProtection);
      return;
    }
    if (claim['status']?.phase === 'Bound') return;
    const volume = chosenVolume(this.volumes.bucket.values(), claim) ?? this.#provision(claim);
    if (volume) this.#bind(claim, volume);
    else this.#tellWhy(claim);
  }

  /** A pod that was given to a node may use the claim until the pod is gone. */
  #isInUse({ metadata }: KubeObject): boolean {
    return this.pods.bucket
      .values(metadata.namespace)
      .some((pod) => pod['spec']?.nodeName && claimsOf(pod).includes(metadata.name));
  }

  #classOf({ spec }: KubeObject): KubeObject | undefined {
    return spec.storageClassName ? this.classes.bucket.get(spec.storageClassName) : undefined;
  }

  /** The simulated provisioner serves every class that exists, unless the class says that volumes are made by hand. */
  #provision(claim: KubeObject): KubeObject | undefined {
    const storageClass = this.#classOf(claim);
    if (claim['spec'].volumeName || !storageClass || !isProvisionedFor(storageClass)) return undefined;
    return this.#context.writer.create(this.volumes, provisionedVolume(claim, storageClass));
  }

  /** In the order of Kubernetes: the volume names its claim, becomes Bound, then the claim does the same. */
  #bind(claim: KubeObject, volume: KubeObject): void {
    const { writer } = this.#context;
    if (volume['spec'].claimRef?.uid !== claim.metadata.uid) {
      const isMarked = volume['spec'].claimRef === undefined;
      writer.update(this.volumes, volume, (object) => {
        object['spec'].claimRef = claimReference(claim);
        if (isMarked) object.metadata.annotations = { ...object.metadata.annotations, ...boundByController };
      });
    }
    this.volume(volume.metadata.name);
    const isChosenByUser = claim['spec'].volumeName !== undefined;
    writer.update(this.claims, claim, ({ spec, metadata }) => {
      spec.volumeName = volume.metadata.name;
      metadata.annotations = {
        ...metadata.annotations,
        'pv.kubernetes.io/bind-completed': 'yes',
        ...(isChosenByUser ? {} : boundByController),
      };
    });
    const { accessModes, capacity } = volume['spec'];
    const status = { phase: 'Bound', accessModes, capacity };
    writer.update(this.claims, claim, (object) => Object.assign(object, { status }), 'status');
  }

  #tellWhy(claim: KubeObject): void {
    const failure = bindingFailure(claim, this.#classOf(claim));
    if (failure) this.#context.recorder('persistentvolume-controller').record(claim, failure);
  }

  volume(name: string): void {
    const volume = this.volumes.bucket.get(name);
    if (!volume) return;
    const phase = this.#phaseOf(volume);
    if (volume.metadata.deletionTimestamp) {
      if (phase !== 'Bound') this.#dropFinalizer(this.volumes, volume, volumeProtection);
      return;
    }
    const { writer } = this.#context;
    if (volume['status']?.phase !== phase) {
      const status = { ...volume['status'], phase, lastPhaseTransitionTime: timestamp(this.#context) };
      writer.update(this.volumes, volume, (object) => Object.assign(object, { status }), 'status');
    }
    const isOurs = volume.metadata.annotations?.['pv.kubernetes.io/provisioned-by'] !== undefined;
    const isDeleted = volume['spec'].persistentVolumeReclaimPolicy === 'Delete';
    if (phase === 'Released' && isOurs && isDeleted) writer.delete(this.volumes, volume);
  }

  #phaseOf({ spec }: KubeObject): string {
    const { claimRef } = spec;
    if (!claimRef?.uid) return 'Available';
    const claim = this.claims.bucket.get(storageKey(claimRef.namespace, claimRef.name));
    return claim?.metadata.uid === claimRef.uid ? 'Bound' : 'Released';
  }

  #dropFinalizer(resource: Resource, object: KubeObject, finalizer: string): void {
    if (!object.metadata.finalizers?.includes(finalizer)) return;
    this.#context.writer.update(resource, object, ({ metadata }) => {
      metadata.finalizers = metadata.finalizers!.filter((item) => item !== finalizer);
      if (metadata.finalizers.length === 0) delete metadata.finalizers;
    });
  }
}
