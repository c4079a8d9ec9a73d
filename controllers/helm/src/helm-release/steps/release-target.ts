import type { HelmRelease } from '@flux/api';
import { releaseNameOf, releaseNamespaceOf, storageNamespaceOf } from '../names.ts';
import { latestOf } from '../status/history.ts';

/** Whether what is released now is another release than the one in history: its reason, or undefined (HELM-FLOW-11). */
export function findTargetChange(object: HelmRelease, chartName: string): string | undefined {
  const { status, spec } = object;
  const latest = latestOf(status?.history);
  if (!status?.storageNamespace || !latest) return undefined;
  if (status.storageNamespace !== storageNamespaceOf(object)) return 'release storage namespace changed';
  if (latest.namespace !== releaseNamespaceOf(object)) return 'release namespace changed';
  if (latest.name !== releaseNameOf(object)) return 'release name changed';
  const strategy = spec.upgrade?.chartNameChangeStrategy ?? 'Reinstall';
  return strategy === 'Reinstall' && latest.chartName !== chartName ? 'release chart name changed' : undefined;
}
