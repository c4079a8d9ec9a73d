import { forceAtAnnotation, type HelmRelease, requestedAtAnnotation, resetAtAnnotation } from '@flux/api';

/**
 * Takes the request of an annotation: it counts once, and only beside an identical `requestedAt` that has not been handled
 * (HELM-FLOW-13). What was last seen is remembered even when it does not count.
 */
function takeRequest(
  object: HelmRelease,
  annotation: string,
  field: 'lastHandledForceAt' | 'lastHandledResetAt',
): boolean {
  const annotations = object.metadata.annotations ?? {};
  const value = annotations[annotation];
  if (value === undefined) return false;
  object.status ??= {};
  const { lastHandledReconcileAt, [field]: handled } = object.status;
  object.status[field] = value;
  return value === annotations[requestedAtAnnotation] && value !== lastHandledReconcileAt && value !== handled;
}

export function takeForceRequest(object: HelmRelease): boolean {
  return takeRequest(object, forceAtAnnotation, 'lastHandledForceAt');
}

export function takeResetRequest(object: HelmRelease): boolean {
  return takeRequest(object, resetAtAnnotation, 'lastHandledResetAt');
}
