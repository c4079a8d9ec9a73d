import type { KubeObject } from '@flux/apimachinery';
import { integerAt, isIntegerAt, statusConditions, textAt } from './fields.ts';
import { current, failed, inProgress, type StatusResult } from './result.ts';

/** Kubernetes' own "no deadline"; the Deployment controller then never sets `Progressing`. */
const noDeadline = 2 ** 31 - 1;

/** KUS-HEALTH-21. */
export function deploymentStatus(object: KubeObject): StatusResult {
  const conditions = statusConditions(object);
  if (conditions.some((c) => c.type === 'Progressing' && c.reason === 'ProgressDeadlineExceeded')) {
    return failed('Progress deadline exceeded');
  }
  const wanted = integerAt(object, 1, 'spec', 'replicas');
  const replicas = integerAt(object, 0, 'status', 'replicas');
  const updated = integerAt(object, 0, 'status', 'updatedReplicas');
  const ready = integerAt(object, 0, 'status', 'readyReplicas');
  const available = integerAt(object, 0, 'status', 'availableReplicas');

  if (wanted > replicas) return inProgress(`Replicas: ${replicas}/${wanted}`);
  if (wanted > updated) return inProgress(`Updated: ${updated}/${wanted}`);
  if (replicas > wanted) return inProgress(`Pending termination: ${replicas - wanted}`);
  if (updated > available) return inProgress(`Available: ${available}/${updated}`);
  if (wanted > ready) return inProgress(`Ready: ${ready}/${wanted}`);

  const isProgressed =
    integerAt(object, noDeadline, 'spec', 'progressDeadlineSeconds') === noDeadline ||
    conditions.some((c) => c.type === 'Progressing' && c.status === 'True' && c.reason === 'NewReplicaSetAvailable');
  if (!isProgressed) return inProgress('ReplicaSet not Available');
  if (!conditions.some((c) => c.type === 'Available' && c.status === 'True')) {
    return inProgress('Deployment not Available');
  }
  return current(`Deployment is available. Replicas: ${replicas}`);
}

/** KUS-HEALTH-22. */
export function statefulSetStatus(object: KubeObject): StatusResult {
  if (textAt(object, '', 'spec', 'updateStrategy', 'type') === 'OnDelete') {
    return current('StatefulSet is using the ondelete update strategy');
  }
  const wanted = integerAt(object, 1, 'spec', 'replicas');
  const replicas = integerAt(object, 0, 'status', 'replicas');
  const ready = integerAt(object, 0, 'status', 'readyReplicas');
  if (wanted > replicas) return inProgress(`Replicas: ${replicas}/${wanted}`);
  if (wanted > ready) return inProgress(`Ready: ${ready}/${wanted}`);
  if (replicas > wanted) return inProgress(`Pending termination: ${replicas - wanted}`);
  return rolloutStatus(object, wanted, replicas);
}

function rolloutStatus(object: KubeObject, wanted: number, replicas: number): StatusResult {
  const partition = integerAt(object, -1, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
  const updated = integerAt(object, 0, 'status', 'updatedReplicas');
  if (partition !== -1) {
    return updated < wanted - partition
      ? inProgress(`updated: ${updated}/${wanted - partition}`)
      : current(`Partition rollout complete. updated: ${updated}`);
  }
  const currentReplicas = integerAt(object, 0, 'status', 'currentReplicas');
  if (wanted > currentReplicas) return inProgress(`current: ${currentReplicas}/${wanted}`);
  if (textAt(object, '', 'status', 'currentRevision') !== textAt(object, '', 'status', 'updateRevision')) {
    return inProgress('Waiting for updated revision to match current');
  }
  return current(`All replicas scheduled as expected. Replicas: ${replicas}`);
}

/** KUS-HEALTH-23: unlike for other kinds, generation and observedGeneration must exist. */
export function daemonSetStatus(object: KubeObject): StatusResult {
  if (!isIntegerAt(object, 'metadata', 'generation')) {
    return inProgress(`${object.kind} metadata.generation not found`);
  }
  if (!isIntegerAt(object, 'status', 'observedGeneration')) {
    return inProgress(`${object.kind} status.observedGeneration not found`);
  }
  const wanted = integerAt(object, -1, 'status', 'desiredNumberScheduled');
  if (wanted === -1) return inProgress('Missing .status.desiredNumberScheduled');
  const counts: [label: string, field: string][] = [
    ['Current', 'currentNumberScheduled'],
    ['Updated', 'updatedNumberScheduled'],
    ['Available', 'numberAvailable'],
    ['Ready', 'numberReady'],
  ];
  for (const [label, field] of counts) {
    const count = integerAt(object, 0, 'status', field);
    if (wanted > count) return inProgress(`${label}: ${count}/${wanted}`);
  }
  return current(`All replicas scheduled as expected. Replicas: ${wanted}`);
}

/** KUS-HEALTH-24. */
export function replicaSetStatus(object: KubeObject): StatusResult {
  if (statusConditions(object).some((c) => c.type === 'ReplicaFailure' && c.status === 'True')) {
    return inProgress('Replica Failure condition. Check Pods');
  }
  const wanted = integerAt(object, 1, 'spec', 'replicas');
  const replicas = integerAt(object, 0, 'status', 'replicas');
  const counts: [label: string, field: string][] = [
    ['Labelled', 'fullyLabeledReplicas'],
    ['Available', 'availableReplicas'],
    ['Ready', 'readyReplicas'],
  ];
  for (const [label, field] of counts) {
    const count = integerAt(object, 0, 'status', field);
    if (wanted > count) return inProgress(`${label}: ${count}/${wanted}`);
  }
  if (replicas > wanted) return inProgress(`Pending termination: ${replicas - wanted}`);
  return current(`ReplicaSet is available. Replicas: ${replicas}`);
}
