import type { KubeObject } from '@flux/apimachinery';
import { FluxError } from '@flux/errors';
import { conditionOf } from './objects.ts';

/** An object will not become ready by itself. */
class NotReadyError extends FluxError {
  override readonly code = 'NOT_READY';
}

/**
 * Whether an object has reached what its spec says (spec cli 8, the rules of `reconcile`). Throws when it cannot get there.
 * A failing object that is not stalled is still on its way.
 */
export function isCurrent(object: KubeObject): boolean {
  if (object.metadata.deletionTimestamp) throw new NotReadyError('Resource scheduled for deletion');
  const observed: unknown = object['status']?.observedGeneration;
  if (observed !== undefined && observed !== object.metadata.generation) return false;
  if (conditionOf(object, 'Reconciling')?.status === 'True') return false;
  const stalled = conditionOf(object, 'Stalled');
  if (stalled?.status === 'True') throw new NotReadyError(stalled.message);
  const ready = conditionOf(object, 'Ready');
  if (ready?.status === 'False' || ready?.status === 'Unknown') return false;
  if (!ready && observed === undefined) throw new NotReadyError("status can't be determined");
  return true;
}

/** As `isCurrent`, and the controller has seen this generation of the spec (create, resume). */
export function isReconciled(object: KubeObject): boolean {
  const observed: unknown = object['status']?.observedGeneration;
  if (typeof observed !== 'number' || observed < 1) return false;
  const ready = conditionOf(object, 'Ready') as { observedGeneration?: number } | undefined;
  if (ready?.observedGeneration !== undefined && ready.observedGeneration !== object.metadata.generation) return false;
  return isCurrent(object);
}
