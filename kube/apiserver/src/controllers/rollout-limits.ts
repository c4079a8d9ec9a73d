import type { KubeObject } from '@flux/apimachinery';

/** maxSurge rounds up, maxUnavailable down; both zero would never move. */
export function limitsOf({ spec }: KubeObject): { maxSurge: number; maxUnavailable: number } {
  const replicas: number = spec.replicas ?? 1;
  const { maxSurge = '25%', maxUnavailable = '25%' } = spec.strategy?.rollingUpdate ?? {};
  const amount = (value: number | string, round: (value: number) => number) =>
    typeof value === 'number' ? value : round((Number.parseInt(value, 10) * replicas) / 100);
  const surge = amount(maxSurge, Math.ceil);
  const unavailable = amount(maxUnavailable, Math.floor);
  return { maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, replicas) };
}
