import type { Condition, KubeObject } from '@flux/apimachinery';

/** What a user wants to know of a Flux object, in one word. */
export type ObjectState = 'ready' | 'failed' | 'working' | 'waiting' | 'suspended';

interface FluxStatus {
  conditions?: Condition[];
  observedGeneration?: number;
  artifact?: { revision?: string };
  lastAppliedRevision?: string;
}

function statusOf(object: KubeObject): FluxStatus {
  return (object['status'] ?? {}) as FluxStatus;
}

function conditionOf(object: KubeObject, type: string): Condition | undefined {
  return statusOf(object).conditions?.find((condition) => condition.type === type);
}

/** Ready counts only for the generation that it was observed at; a retry that waits for its time counts as failed. */
export function stateOf(object: KubeObject): ObjectState {
  if (object['spec']?.suspend === true) return 'suspended';
  const ready = conditionOf(object, 'Ready');
  const reconciling = conditionOf(object, 'Reconciling');
  if (reconciling?.status === 'True' && reconciling.reason === 'Progressing') return 'working';
  if (ready === undefined || ready.status === 'Unknown') return 'working';
  if (ready.observedGeneration !== undefined && ready.observedGeneration !== object.metadata.generation)
    return 'working';
  if (ready.status === 'True') return 'ready';
  return isWaiting(ready) ? 'waiting' : 'failed';
}

/** Not ready, for want of something else that may still come. */
function isWaiting({ reason, message }: Condition): boolean {
  return reason === 'DependencyNotReady' || message.startsWith('Source artifact not found');
}

/** The sentence to show for the state: the step under way, or the message of Ready. */
export function messageOf(object: KubeObject): string {
  const step = stateOf(object) === 'working' ? conditionOf(object, 'Reconciling') : undefined;
  return (step ?? conditionOf(object, 'Ready'))?.message ?? 'waiting to be reconciled';
}

export function revisionOf(object: KubeObject): string {
  const status = statusOf(object);
  return status.lastAppliedRevision ?? status.artifact?.revision ?? '';
}
