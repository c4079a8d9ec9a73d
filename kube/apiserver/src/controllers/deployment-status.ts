import type { KubeObject } from '@flux/apimachinery';
import { formatTime } from '@flux/gotypes';
import { list } from '../strategies/fields.ts';
import { type StatusCondition, setCondition } from './context.ts';
import { limitsOf } from './rollout-limits.ts';

interface Sets {
  current: KubeObject | undefined;
  old: readonly KubeObject[];
}

export interface DeploymentStatus {
  status: Record<string, unknown>;
  /** When the progress deadline has to be looked at again. */
  checkAfterMs: number | undefined;
}

/** Status and conditions as the deployment controller writes them; kstatus and `kubectl rollout status` read them. */
export function deploymentStatus(live: KubeObject, { current, old }: Sets, now: Date): DeploymentStatus {
  const all = [...old, ...(current ? [current] : [])];
  const total = (field: string) => all.reduce((sum, set) => sum + (set['status']?.[field] ?? 0), 0);
  const wanted: number = live['spec'].replicas ?? 1;
  const counts = {
    replicas: total('replicas'),
    updatedReplicas: current?.['status']?.replicas ?? 0,
    readyReplicas: total('readyReplicas'),
    availableReplicas: total('availableReplicas'),
    unavailableReplicas: Math.max(
      0,
      Math.max(
        wanted,
        all.reduce((sum, set) => sum + (set['spec'].replicas ?? 0), 0),
      ) - total('availableReplicas'),
    ),
  };
  const time = formatTime(now);
  let conditions = list(live['status']?.conditions) as StatusCondition[];
  const progress = progressing(live, current, counts, now);
  // The order of first appearance is what clients see: progress is reported before availability.
  conditions = conditions.length === 0 ? put(conditions, progress.condition, time) : conditions;
  conditions = put(conditions, availability(counts.availableReplicas, wanted, live), time);
  conditions = put(conditions, progress.condition, time);
  conditions = replicaFailure(conditions, current, time);
  const status = {
    observedGeneration: live.metadata.generation,
    ...Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0)),
    terminatingReplicas: total('terminatingReplicas'),
    conditions: isSettled(progress.condition) ? [...conditions].sort(byType) : conditions,
  };
  return { status, checkAfterMs: progress.checkAfterMs };
}

/** The controller re-adds Progressing at the end of each change, so a settled deployment lists Available first. */
function byType(a: StatusCondition, b: StatusCondition): number {
  return a.type < b.type ? -1 : 1;
}

function isSettled({ reason }: StatusCondition): boolean {
  return reason === 'NewReplicaSetAvailable';
}

function put(conditions: StatusCondition[], next: StatusCondition | undefined, now: string): StatusCondition[] {
  if (!next) return conditions;
  const before = conditions.find(({ type }) => type === next.type);
  const same =
    before && before.status === next.status && before.reason === next.reason && before.message === next.message;
  if (same) return conditions;
  return setCondition(conditions, { ...next, lastUpdateTime: now }, now);
}

function availability(available: number, wanted: number, live: KubeObject): StatusCondition {
  const maxUnavailable = live['spec'].strategy?.type === 'Recreate' ? 0 : limitsOf(live).maxUnavailable;
  return available >= wanted - maxUnavailable
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

type Counts = Record<'replicas' | 'updatedReplicas' | 'availableReplicas', number>;

function progressing(live: KubeObject, current: KubeObject | undefined, counts: Counts, now: Date) {
  const before = (list(live['status']?.conditions) as StatusCondition[]).find(({ type }) => type === 'Progressing');
  const condition = (status: string, reason: string, message: string): StatusCondition => ({
    type: 'Progressing',
    status,
    reason,
    message,
  });
  if (live['spec'].paused) {
    return { condition: condition('Unknown', 'DeploymentPaused', 'Deployment is paused'), checkAfterMs: undefined };
  }
  const name = current?.metadata.name ?? '';
  const wanted: number = live['spec'].replicas ?? 1;
  const isComplete =
    counts.updatedReplicas === wanted && counts.replicas === wanted && counts.availableReplicas === wanted;
  if (isComplete && current) {
    return {
      condition: condition(
        'True',
        'NewReplicaSetAvailable',
        `ReplicaSet ${JSON.stringify(name)} has successfully progressed.`,
      ),
      checkAfterMs: undefined,
    };
  }
  const deadlineMs = (live['spec'].progressDeadlineSeconds ?? 600) * 1000;
  const since = progressedAt(live, counts, before, now);
  const leftMs = since + deadlineMs - now.getTime();
  if (leftMs <= 0) {
    return {
      condition: condition(
        'False',
        'ProgressDeadlineExceeded',
        `ReplicaSet ${JSON.stringify(name)} has timed out progressing.`,
      ),
      checkAfterMs: undefined,
    };
  }
  const isNew = !before || before.reason === 'NewReplicaSetAvailable' || before.reason === 'DeploymentPaused';
  const keeps = before?.reason === 'NewReplicaSetCreated' && since === Date.parse(before.lastUpdateTime ?? '');
  const next =
    isNew || keeps
      ? condition('True', 'NewReplicaSetCreated', `Created new replica set ${JSON.stringify(name)}`)
      : condition('True', 'ReplicaSetUpdated', `ReplicaSet ${JSON.stringify(name)} is progressing.`);
  return { condition: next, checkAfterMs: leftMs + 50 };
}

/** The moment from which the progress deadline counts. */
function progressedAt(live: KubeObject, counts: Counts, before: StatusCondition | undefined, now: Date): number {
  const status = live['status'] ?? {};
  const moved =
    counts.updatedReplicas > (status.updatedReplicas ?? 0) ||
    counts.availableReplicas > (status.availableReplicas ?? 0) ||
    counts.replicas - counts.updatedReplicas < (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  const generationIsNew = status.observedGeneration !== live.metadata.generation;
  if (!before?.lastUpdateTime || moved || generationIsNew || before.status !== 'True') {
    const timedOut = before?.reason === 'ProgressDeadlineExceeded' && !moved && !generationIsNew;
    return timedOut ? 0 : now.getTime();
  }
  return Date.parse(before.lastUpdateTime);
}

function replicaFailure(
  conditions: StatusCondition[],
  current: KubeObject | undefined,
  now: string,
): StatusCondition[] {
  const failure = (list(current?.['status']?.conditions) as StatusCondition[]).find(
    ({ type }) => type === 'ReplicaFailure',
  );
  if (!failure) return conditions.filter(({ type }) => type !== 'ReplicaFailure');
  const { type, status, reason = '', message = '' } = failure;
  return put(conditions, { type, status, reason, message }, now);
}
