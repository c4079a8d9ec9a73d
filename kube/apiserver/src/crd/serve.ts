import { deepEqual, type KubeObject } from '@flux/apimachinery';
import { formatTime } from '@flux/gotypes';
import { type StatusCondition, setCondition } from '../controllers/context.ts';
import { type Log, Loop } from '../controllers/loop.ts';
import { Writer } from '../controllers/writer.ts';
import type { Api } from '../registry/api.ts';
import type { Resource } from '../registry/resource.ts';
import { stopWatches } from '../registry/watch.ts';
import { cleanupFinalizer } from '../strategies/crd.ts';
import { type Fields, list } from '../strategies/fields.ts';
import { isAcceptedStatus, isEstablishedStatus } from './established.ts';
import { acceptNames, establish } from './names.ts';
import { customResource } from './resource.ts';

const crdGroup = 'apiextensions.k8s.io';
const crdPlural = 'customresourcedefinitions';

/** Kubernetes establishes a CRD with a second write; what watches or polls in between is to see the first. */
const establishAfterMs = 10;

/** Accepts the names of CRDs, serves their versions while they are established, removes instances with them. */
export function startCustomResources(api: Api, log: Log): () => void {
  const server = new CustomResources(api, log);
  return () => server.stop();
}

interface Served {
  /** The spec and names that the resources were made from. */
  source: string;
  resources: Resource[];
}

class CustomResources {
  readonly #api: Api;
  readonly #crds: Resource;
  readonly #writer: Writer;
  readonly #loop: Loop;
  readonly #instances = new Map<string, Loop>();
  readonly #served = new Map<string, Served>();
  readonly #log: Log;
  /** Waits between accepting the names of a CRD and establishing it, by name; 0 when the wait is over. */
  readonly #waits = new Map<string, NodeJS.Timeout | 0>();

  constructor(api: Api, log: Log) {
    this.#api = api;
    this.#log = log;
    this.#crds = api.resource(crdGroup, crdPlural);
    this.#writer = new Writer(api, 'kube-apiserver');
    this.#loop = new Loop('custom resources', log, (name) => this.#reconcile(name));
    // What was established before a restart is served before the first request.
    for (const crd of this.#crds.bucket.values()) this.#serve(crd);
    this.#loop.watch(this.#crds.bucket, ({ object }) => {
      // A name that became free may be one that another CRD of the group waits for.
      const waiting = this.#crds.bucket
        .values()
        .filter((crd) => crd['spec'].group === object['spec'].group && !isEstablished(crd));
      return [object.metadata.name, ...waiting.map(({ metadata }) => metadata.name)];
    });
  }

  stop(): void {
    this.#loop.stop();
    for (const timer of this.#waits.values()) clearTimeout(timer);
    for (const loop of this.#instances.values()) loop.stop();
  }

  #reconcile(name: string): void {
    const crd = this.#crds.bucket.get(name);
    if (!crd) {
      this.#withdraw(name);
      return;
    }
    if (crd.metadata.deletionTimestamp) {
      this.#serve(crd);
      this.#cleanUp(crd);
      return;
    }
    const others = this.#crds.bucket
      .values()
      .filter((other) => other !== crd && other['spec'].group === crd['spec'].group);
    const names = acceptNames(crd, others, formatTime(this.#api.now()));
    const isDue = isAcceptedStatus(names) && !isEstablishedStatus(names) && this.#isDue(name);
    const conditions = isDue ? establish(names.conditions, formatTime(this.#api.now())) : names.conditions;
    const status = { ...crd['status'], ...names, conditions };
    const updated = deepEqual(status, crd['status'])
      ? crd
      : this.#writer.update(this.#crds, crd, (object) => Object.assign(object, { status }), 'status');
    if (!updated) return;
    this.#serve(updated);
    if (isAcceptedStatus(updated['status']) && !isEstablished(updated)) this.#wait(name);
  }

  /** Whether the names were accepted long enough ago. */
  #isDue(name: string): boolean {
    if (this.#waits.get(name) !== 0) return false;
    this.#waits.delete(name);
    return true;
  }

  #wait(name: string): void {
    if (this.#waits.has(name)) return;
    const timer = setTimeout(() => {
      this.#waits.set(name, 0);
      this.#loop.add(name);
    }, establishAfterMs);
    this.#waits.set(name, timer);
  }

  #serve(crd: KubeObject): void {
    if (!isEstablished(crd)) return;
    const { name, deletionTimestamp } = crd.metadata;
    const source = JSON.stringify([crd['spec'], crd['status'].acceptedNames, deletionTimestamp]);
    const before = this.#served.get(name);
    if (before?.source === source) return;
    for (const resource of before?.resources ?? []) this.#api.catalog.remove(resource);
    const bucket = this.#api.store.bucket(name);
    const resources = (list(crd['spec'].versions) as Fields[])
      .filter(({ served }) => served)
      .map((version) => customResource(crd, version, bucket));
    for (const resource of resources) this.#api.catalog.add(resource);
    this.#served.set(name, { source, resources });
    // Watches that show rows or fields of the old schema start over.
    if (before && !sameVersions(before.resources, resources)) stopWatches(bucket);
  }

  #withdraw(name: string): void {
    clearTimeout(this.#waits.get(name));
    this.#waits.delete(name);
    const served = this.#served.get(name);
    if (!served) return;
    this.#served.delete(name);
    this.#instances.get(name)?.stop();
    this.#instances.delete(name);
    for (const resource of served.resources) this.#api.catalog.remove(resource);
    stopWatches(this.#api.store.bucket(name));
    this.#api.store.dropBucket(name);
  }

  /** Deletes the instances of a CRD that is being deleted; the CRD goes after the last of them. */
  #cleanUp(crd: KubeObject): void {
    const { name, finalizers = [] } = crd.metadata;
    if (!finalizers.includes(cleanupFinalizer)) return;
    const bucket = this.#api.store.bucket(name);
    const resource = this.#served.get(name)?.resources[0];
    const marked = markInProgress(crd, formatTime(this.#api.now()));
    if (marked) this.#writer.update(this.#crds, crd, (object) => Object.assign(object, { status: marked }), 'status');
    if (resource && bucket.size > 0) {
      this.#followInstances(name, resource);
      for (const object of bucket.values()) this.#writer.delete(resource, object, { propagationPolicy: 'Background' });
    }
    if (bucket.size > 0) return;
    this.#writer.update(this.#crds, crd, ({ metadata }) => {
      metadata.finalizers = (metadata.finalizers ?? []).filter((item) => item !== cleanupFinalizer);
      if (metadata.finalizers.length === 0) delete metadata.finalizers;
    });
    // Nobody who saw the definition go may still find its resources.
    if (!this.#crds.bucket.get(name)) this.#withdraw(name);
  }

  /** An instance whose own finalizers end brings the CRD's deletion forward. */
  #followInstances(name: string, resource: Resource): void {
    if (this.#instances.has(name)) return;
    const loop = new Loop('custom resource cleanup', this.#log, () => this.#loop.add(name));
    loop.watch(resource.bucket, ({ type }) => (type === 'DELETED' ? [name] : []));
    this.#instances.set(name, loop);
  }
}

/** The status of a CRD whose instances are about to be deleted; `undefined` when it says so already. */
function markInProgress({ status }: KubeObject, now: string): Fields | undefined {
  const conditions = list(status?.conditions) as StatusCondition[];
  const reason = 'InstanceDeletionInProgress';
  if (conditions.some((condition) => condition.type === 'Terminating' && condition.reason === reason)) return undefined;
  const message = 'CustomResource deletion is in progress';
  return {
    ...status,
    conditions: setCondition(conditions, { type: 'Terminating', status: 'True', reason, message }, now),
  };
}

function isEstablished({ status }: KubeObject): boolean {
  return isEstablishedStatus(status);
}

function sameVersions(a: readonly Resource[], b: readonly Resource[]): boolean {
  return a.length === b.length && a.every((resource, index) => resource.version === b[index]!.version);
}
