import type { KubeObject } from '@flux/apimachinery';
import { fieldAt, integerAt, statusConditions, textAt } from './fields.ts';
import { current, failed, inProgress, type StatusResult } from './result.ts';

/** A pod gets this long to be scheduled before it counts as unschedulable (KUS-HEALTH-26). */
const scheduleWindowMs = 15_000;

/** KUS-HEALTH-26. */
export function podStatus(object: KubeObject, now: Date): StatusResult {
  const phase = textAt(object, '', 'status', 'phase');
  switch (phase) {
    case 'Succeeded':
      return current('Pod has completed successfully');
    case 'Failed':
      return current('Pod has completed, but not successfully');
    case 'Running':
      return runningPodStatus(object);
    case 'Pending':
      return pendingPodStatus(object, now);
    case '':
      return inProgress('Pod phase not available');
    default:
      return { status: 'Unknown', message: `unknown phase ${phase}` };
  }
}

function runningPodStatus(object: KubeObject): StatusResult {
  if (statusConditions(object).some((c) => c.type === 'Ready' && c.status === 'True')) return current('Pod is Ready');
  const containers = fieldAt(object, 'status', 'containerStatuses');
  const crashing = (Array.isArray(containers) ? containers : [])
    .filter((container) => textAt(container, '', 'state', 'waiting', 'reason') === 'CrashLoopBackOff')
    .map((container) => textAt(container, '', 'name'));
  if (crashing.length > 0) return failed(`Containers in CrashLoop state: ${crashing.join(',')}`);
  return inProgress('Pod is running but is not Ready');
}

function pendingPodStatus(object: KubeObject, now: Date): StatusResult {
  if (!isUnschedulable(object)) return inProgress('Pod is in the Pending phase');
  const created = Date.parse(textAt(object, '', 'metadata', 'creationTimestamp'));
  const leftMs = Number.isNaN(created) ? 0 : created + scheduleWindowMs - now.getTime();
  if (leftMs > 0) return { ...inProgress('Pod has not been scheduled'), recheckAfterMs: leftMs };
  return failed('Pod could not be scheduled');
}

export function isUnschedulable(pod: KubeObject): boolean {
  return statusConditions(pod).some(
    (c) => c.type === 'PodScheduled' && c.status === 'False' && c.reason === 'Unschedulable',
  );
}

/** KUS-HEALTH-28: only Bound is Current. */
export function persistentVolumeClaimStatus(object: KubeObject): StatusResult {
  const phase = textAt(object, 'unknown', 'status', 'phase');
  return phase === 'Bound' ? current('PVC is Bound') : inProgress(`PVC is not Bound. phase: ${phase}`);
}

/** KUS-HEALTH-28: an external IP is not awaited. */
export function serviceStatus(object: KubeObject): StatusResult {
  const isBalanced = textAt(object, 'ClusterIP', 'spec', 'type') === 'LoadBalancer';
  if (isBalanced && textAt(object, '', 'spec', 'clusterIP') === '') {
    return inProgress('ClusterIP not set. Service type: LoadBalancer');
  }
  return current('Service is ready');
}

/** KUS-HEALTH-28, in the order of the conditions. */
export function customResourceDefinitionStatus(object: KubeObject): StatusResult {
  for (const condition of statusConditions(object)) {
    if (condition.type === 'NamesAccepted' && condition.status === 'False') return failed(condition.message);
    if (condition.type !== 'Established') continue;
    if (condition.status === 'False' && condition.reason !== 'Installing') return failed(condition.message);
    if (condition.status === 'True') return current('CRD is established');
  }
  return inProgress('Install in progress');
}

/** The stock rule (KUBE-STATUS-01): a started Job is Current. Flux's own rule is `fluxJobStatus`. */
export function jobStatus(object: KubeObject): StatusResult {
  const counts = jobCounts(object);
  const finished = finishedJobStatus(object, counts);
  if (finished) return finished;
  if (textAt(object, '', 'status', 'startTime') === '') return inProgress('Job not started');
  const { succeeded, active, failures } = counts;
  return current(`Job in progress. success:${succeeded}, active: ${active}, failed: ${failures}`);
}

/** Flux's Job reader: suspended and complete Jobs are Current, a running one is not (KUS-HEALTH-27). */
export function fluxJobStatus(object: KubeObject): StatusResult {
  const counts = jobCounts(object);
  if (fieldAt(object, 'spec', 'suspend') === true) return current('Job is suspended');
  const finished = finishedJobStatus(object, counts);
  if (finished) return finished;
  if (textAt(object, '', 'status', 'startTime') === '') {
    return inProgress(`Job not started. active: 0/${counts.parallelism}`);
  }
  const { succeeded, active, failures } = counts;
  return inProgress(`Job in progress. success:${succeeded}, active: ${active}, failed: ${failures}`);
}

interface JobCounts {
  parallelism: number;
  completions: number;
  succeeded: number;
  active: number;
  failures: number;
}

function jobCounts(object: KubeObject): JobCounts {
  const parallelism = integerAt(object, 1, 'spec', 'parallelism');
  return {
    parallelism,
    completions: integerAt(object, parallelism, 'spec', 'completions'),
    succeeded: integerAt(object, 0, 'status', 'succeeded'),
    active: integerAt(object, 0, 'status', 'active'),
    failures: integerAt(object, 0, 'status', 'failed'),
  };
}

function finishedJobStatus(object: KubeObject, counts: JobCounts): StatusResult | undefined {
  for (const condition of statusConditions(object)) {
    if (condition.status !== 'True') continue;
    if (condition.type === 'Complete') {
      return current(`Job Completed. succeeded: ${counts.succeeded}/${counts.completions}`);
    }
    if (condition.type === 'Failed') return failed(`Job Failed. failed: ${counts.failures}/${counts.completions}`);
  }
  return undefined;
}
