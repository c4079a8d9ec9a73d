import { type FieldError, invalidField } from '../status.ts';
import type { Fields } from './fields.ts';
import { nonNegative } from './workload-validation.ts';

/** Counts in the status of a workload that may not exceed its replicas, nor those that are available those that are ready. */
function withinReplicas(status: Fields, names: readonly string[], ready: string): FieldError[] {
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  const errors = names.flatMap((name) => {
    const value = status[name] ?? 0;
    return value > replicas ? [invalidField(`status.${name}`, value, 'cannot be greater than status.replicas')] : [];
  });
  if (availableReplicas > readyReplicas) {
    errors.push(invalidField('status.availableReplicas', availableReplicas, `cannot be greater than ${ready}`));
  }
  return errors;
}

/** Counts in a Deployment's status have to fit each other. */
export function validateDeploymentStatus({ status = {} }: Fields): FieldError[] {
  const counts = ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas'];
  return [
    ...nonNegative(status, 'status', ['observedGeneration', ...counts, 'collisionCount']),
    ...withinReplicas(status, ['updatedReplicas', 'readyReplicas', 'availableReplicas'], 'readyReplicas'),
  ];
}

export function validateReplicaSetStatus({ status = {} }: Fields): FieldError[] {
  const counts = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'];
  return [
    ...nonNegative(status, 'status', ['replicas', ...counts, 'observedGeneration', 'terminatingReplicas']),
    ...withinReplicas(status, counts, 'readyReplicas'),
  ];
}

export function validateStatefulSetStatus({ status = {} }: Fields): FieldError[] {
  const counts = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'];
  return [
    ...nonNegative(status, 'status', ['replicas', ...counts, 'observedGeneration', 'collisionCount']),
    ...withinReplicas(status, counts, 'status.readyReplicas'),
  ];
}

const daemonCounts = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
];

export function validateDaemonSetStatus({ status = {} }: Fields): FieldError[] {
  return nonNegative(status, 'status', daemonCounts);
}

/** What a Job has counted once is not taken back. */
export function validateJobStatus({ status = {} }: Fields, old: Fields): FieldError[] {
  const before: Fields = old['status'] ?? {};
  const errors = nonNegative(status, 'status', ['active', 'succeeded', 'failed', 'ready', 'terminating']);
  for (const name of ['failed', 'succeeded']) {
    const value = status[name] ?? 0;
    if (value < (before[name] ?? 0)) {
      errors.push(invalidField(`status.${name}`, value, `cannot decrease the ${name} counter`));
    }
  }
  return errors;
}
