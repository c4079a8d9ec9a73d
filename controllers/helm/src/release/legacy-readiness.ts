import { type Condition, deepEqual, gvkOf, type KubeObject } from '@flux/apimachinery';
import { NeverReadyError } from './wait-errors.ts';

type Rule = (object: KubeObject) => boolean;

/** Helm 3's rules for single objects (HELM-WAIT-05); kinds without one are ready at once. */
const rules: Readonly<Record<string, Rule>> = {
  '/Pod': podReady,
  'batch/Job': jobReady,
  'apps/Deployment': (object) => object['spec']?.paused === true,
  '/PersistentVolumeClaim': (object) => object['status']?.phase === 'Bound',
  '/Service': serviceReady,
  'apps/DaemonSet': daemonSetReady,
  'apiextensions.k8s.io/CustomResourceDefinition': definitionReady,
  'apps/StatefulSet': statefulSetReady,
  '/ReplicationController': isObserved,
  'apps/ReplicaSet': isObserved,
};

/** Whether an object is ready by what it says itself. */
export function readinessOf(object: KubeObject): boolean {
  const { group, kind } = gvkOf(object);
  const key = `${group}/${kind}`;
  return Object.hasOwn(rules, key) ? rules[key]!(object) : true;
}

export function podReady(pod: KubeObject): boolean {
  return hasCondition(pod, 'Ready', 'True');
}

function hasCondition(object: KubeObject, type: string, status: string): boolean {
  const conditions: readonly Condition[] = object['status']?.conditions ?? [];
  return conditions.some((condition) => condition.type === type && condition.status === status);
}

function isObserved(object: KubeObject): boolean {
  return object['status']?.observedGeneration === object.metadata.generation;
}

function jobReady(job: KubeObject): boolean {
  const { failed = 0, succeeded = 0 } = job['status'] ?? {};
  const { backoffLimit = 6, completions } = job['spec'] ?? {};
  if (failed > backoffLimit) {
    throw new NeverReadyError(`job is failed: ${job.metadata.namespace ?? ''}/${job.metadata.name}`);
  }
  return completions === undefined || completions === null || succeeded >= completions;
}

function serviceReady(service: KubeObject): boolean {
  const { type, clusterIP, externalIPs = [] } = service['spec'] ?? {};
  if (type === 'ExternalName') return true;
  if (!clusterIP) return false;
  if (type !== 'LoadBalancer' || externalIPs.length > 0) return true;
  return service['status']?.loadBalancer?.ingress !== undefined;
}

function definitionReady(definition: KubeObject): boolean {
  // a conflict of names is not for a release to wait for
  return hasCondition(definition, 'Established', 'True') || hasCondition(definition, 'NamesAccepted', 'False');
}

function daemonSetReady(daemonSet: KubeObject): boolean {
  if (!isObserved(daemonSet)) return false;
  const { type, rollingUpdate } = daemonSet['spec']?.updateStrategy ?? {};
  if (type !== 'RollingUpdate') return true;
  const { updatedNumberScheduled = 0, desiredNumberScheduled = 0, numberReady = 0 } = daemonSet['status'] ?? {};
  if (updatedNumberScheduled !== desiredNumberScheduled) return false;
  const maxUnavailable = scaled(rollingUpdate?.maxUnavailable, desiredNumberScheduled, Math.ceil);
  return numberReady >= desiredNumberScheduled - (maxUnavailable ?? desiredNumberScheduled);
}

function statefulSetReady(set: KubeObject): boolean {
  if (!isObserved(set)) return false;
  const { updateStrategy, replicas = 1 } = set['spec'] ?? {};
  if (updateStrategy?.type !== 'RollingUpdate') return true;
  const partition = updateStrategy.rollingUpdate?.partition ?? 0;
  const { updatedReplicas = 0, readyReplicas = 0, currentRevision, updateRevision } = set['status'] ?? {};
  if (updatedReplicas < replicas - partition || readyReplicas !== replicas) return false;
  return partition !== 0 || currentRevision === updateRevision;
}

/** A Deployment is ready when its newest ReplicaSet has enough ready Pods. */
export function deploymentReady(deployment: KubeObject, replicaSets: readonly KubeObject[]): boolean {
  const newest = newReplicaSet(deployment, replicaSets);
  if (!newest || !isObserved(newest) || !isObserved(deployment)) return false;
  const { replicas = 1 } = deployment['spec'] ?? {};
  return (newest['status']?.readyReplicas ?? 0) >= replicas - maxUnavailableOf(deployment, replicas);
}

/** The oldest of its ReplicaSets with the Deployment's Pod template. */
function newReplicaSet({ metadata, spec }: KubeObject, replicaSets: readonly KubeObject[]): KubeObject | undefined {
  const isOwned = (set: KubeObject) =>
    set.metadata.ownerReferences?.some(({ controller, uid }) => controller && uid === metadata.uid);
  const template = withoutHash(spec?.template);
  return replicaSets
    .filter((set) => isOwned(set) && deepEqual(withoutHash(set['spec']?.template), template))
    .toSorted((a, b) => (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''))[0];
}

function withoutHash(template: { metadata?: { labels?: Record<string, string> } } | undefined): unknown {
  const { 'pod-template-hash': _, ...labels } = template?.metadata?.labels ?? {};
  return { ...template, metadata: { ...template?.metadata, labels } };
}

/** As deploymentutil.MaxUnavailable: never more than there are replicas, and never 0 together with a surge of 0. */
function maxUnavailableOf({ spec }: KubeObject, replicas: number): number {
  const { type, rollingUpdate } = spec?.strategy ?? {};
  if (type !== 'RollingUpdate' || replicas === 0) return 0;
  const surge = scaled(rollingUpdate?.maxSurge, replicas, Math.ceil) ?? 0;
  const unavailable = scaled(rollingUpdate?.maxUnavailable, replicas, Math.floor) ?? 0;
  return Math.min(surge === 0 && unavailable === 0 ? 1 : unavailable, replicas);
}

/** A number, or a share of `total` such as `25%`. */
function scaled(value: unknown, total: number, round: (value: number) => number): number | undefined {
  if (typeof value === 'number') return value;
  const percent = typeof value === 'string' ? /^(\d+)%$/.exec(value)?.[1] : undefined;
  return percent === undefined ? undefined : round((Number(percent) * total) / 100);
}
