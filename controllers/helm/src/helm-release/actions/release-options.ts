import type { HelmRelease } from '@flux/api';
import { timeoutMsOf } from '../policy.ts';
import type { Session } from '../session.ts';

type WaitStrategy = 'poller' | 'legacy' | 'hook-only';

/** How the objects of an action are awaited (HELM-WAIT-01). */
export function waitStrategyOf(
  { spec }: HelmRelease,
  disableWait: boolean | undefined,
  usesHelm3Defaults: boolean,
): WaitStrategy {
  if (disableWait) return 'hook-only';
  return spec.waitStrategy?.name ?? (usesHelm3Defaults ? 'legacy' : 'poller');
}

/** The options that install, upgrade and rollback have in common. */
export function commonOptions(session: Session, action: 'install' | 'upgrade' | 'rollback') {
  const { object, deps } = session.run;
  const options = object.spec[action] ?? {};
  return {
    name: session.name,
    timeoutMs: timeoutMsOf(object, action),
    waitStrategy: waitStrategyOf(object, options.disableWait, deps.settings.usesHelm3Defaults),
    waitForJobs: !options.disableWaitForJobs,
    disableHooks: options.disableHooks ?? false,
  };
}

/** `auto` follows the release before. */
export function serverSideApplyOf(choice: 'enabled' | 'disabled' | 'auto' | undefined): boolean | 'auto' {
  return choice === undefined || choice === 'auto' ? 'auto' : choice === 'enabled';
}
