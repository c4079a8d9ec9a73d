import type { HelmRelease } from '@flux/api';
import { parseDuration } from '@flux/gotypes';
import type { HelmSettings } from './settings.ts';

export type ReleaseAction = 'install' | 'upgrade';
type Gates = Pick<HelmSettings, 'retriesByDefault' | 'usesHelm3Defaults'>;

const defaultTimeout = '5m0s';
const defaultRetryInterval = '5m0s';
const defaultMaxHistory = 5;

/** What follows the failure of an install or upgrade: remediation, up to a number of retries (HELM-ACT-01). */
export interface Remediation {
  retries: number;
  failures: number;
  isExhausted: boolean;
  remediatesLastFailure: boolean;
  ignoresTestFailures: boolean;
  strategy: 'rollback' | 'uninstall';
}

/** What holds for the action last attempted; `retry` and `remediation` exclude each other (HELM-ACT-08). */
export interface FailurePolicy {
  retry?: { intervalMs: number };
  remediation?: Remediation;
}

/** The policy of one action. */
export function policyOf(object: HelmRelease, action: ReleaseAction, gates: Gates): FailurePolicy {
  const { strategy } = object.spec[action] ?? {};
  const name = strategy?.name ?? (gates.retriesByDefault ? 'RetryOnFailure' : 'RemediateOnFailure');
  if (name === 'RetryOnFailure') {
    return { retry: { intervalMs: parseDuration(strategy?.retryInterval ?? defaultRetryInterval) } };
  }
  return { remediation: remediationOf(object, action) };
}

function remediationOf(object: HelmRelease, action: ReleaseAction): Remediation {
  const options = object.spec[action]?.remediation ?? {};
  const retries = options.retries ?? 0;
  const failures = (action === 'install' ? object.status?.installFailures : object.status?.upgradeFailures) ?? 0;
  const strategy = action === 'install' ? 'uninstall' : (object.spec.upgrade?.remediation?.strategy ?? 'rollback');
  return {
    retries,
    failures,
    isExhausted: retries >= 0 && failures > retries,
    remediatesLastFailure: options.remediateLastFailure ?? (action === 'upgrade' && retries > 0),
    ignoresTestFailures: options.ignoreTestFailures ?? object.spec.test?.ignoreFailures ?? false,
    strategy,
  };
}

/** The policy of the action last attempted; nothing before the first. */
export function activePolicyOf(object: HelmRelease, gates: Gates): FailurePolicy {
  const action = object.status?.lastAttemptedReleaseAction;
  return action === 'install' || action === 'upgrade' ? policyOf(object, action, gates) : {};
}

/** Whether failed tests count: what the active remediation says, else the test itself. */
export function ignoresTestFailures(object: HelmRelease, gates: Gates): boolean {
  return activePolicyOf(object, gates).remediation?.ignoresTestFailures ?? object.spec.test?.ignoreFailures ?? false;
}

type TimedAction = 'install' | 'upgrade' | 'test' | 'rollback' | 'uninstall';

/** HELM-REL-01: the timeout of the action, else that of the object, else five minutes; in milliseconds. */
export function timeoutMsOf({ spec }: HelmRelease, action?: TimedAction): number {
  return parseDuration((action && spec[action]?.timeout) ?? spec.timeout ?? defaultTimeout);
}

/** Revisions that storage keeps; 0 is without limit. */
export function maxHistoryOf({ spec }: HelmRelease): number {
  return spec.maxHistory ?? defaultMaxHistory;
}

export function intervalMsOf({ spec }: HelmRelease): number {
  return parseDuration(spec.interval);
}
