import type { FailurePolicy } from '../policy.ts';
import type { ReleaseState } from './release-state.ts';

export type ActionName = 'install' | 'upgrade' | 'rollback' | 'uninstall' | 'test' | 'unlock' | 'correct cluster drift';
export type ActionType = 'release' | 'remediate' | 'test' | 'unlock' | 'drift correction';

/** Each type runs at most once in a pass (HELM-ACT). */
export const typeOfAction: Readonly<Record<ActionName, ActionType>> = {
  install: 'release',
  upgrade: 'release',
  rollback: 'remediate',
  uninstall: 'remediate',
  test: 'test',
  unlock: 'unlock',
  'correct cluster drift': 'drift correction',
};

/** What a state leads to. */
export type NextStep =
  | { readonly type: 'run'; readonly action: ActionName; readonly forgetsHistory?: boolean }
  | { readonly type: 'done' }
  | { readonly type: 'retriesExceeded' }
  | { readonly type: 'noRollbackTarget' };

export interface StepInput {
  state: ReleaseState;
  /** Of the install and upgrade actions of the object. */
  install: FailurePolicy;
  upgrade: FailurePolicy;
  /** Of the action last attempted. */
  active: FailurePolicy;
  isForced: boolean;
  correctsDrift: boolean;
  /** Whether there is a revision to roll back to, and storage has it as it was. */
  findRollbackTarget: () => Promise<'none' | 'changed' | 'there'>;
}

/** The table of HELM-ACT. */
export async function nextStep(input: StepInput): Promise<NextStep> {
  const { state, isForced } = input;
  switch (state.type) {
    case 'InSync':
      return isForced ? run('upgrade') : { type: 'done' };
    case 'Locked':
      return run('unlock');
    case 'Absent':
      return input.install.remediation?.isExhausted && !isForced ? { type: 'retriesExceeded' } : run('install');
    case 'Unmanaged':
      return { type: 'run', action: 'upgrade', forgetsHistory: true };
    case 'OutOfSync':
      return input.upgrade.remediation?.isExhausted && !isForced ? { type: 'retriesExceeded' } : run('upgrade');
    case 'Drifted':
      return input.correctsDrift ? run('correct cluster drift') : { type: 'done' };
    case 'Untested':
      return run('test');
    case 'Failed':
      return stepAfterFailure(input);
  }
}

async function stepAfterFailure({ active, isForced, findRollbackTarget }: StepInput): Promise<NextStep> {
  const { remediation } = active;
  if (active.retry || !remediation || remediation.failures <= 0 || isForced) return run('upgrade');
  if (remediation.isExhausted && !remediation.remediatesLastFailure) return { type: 'retriesExceeded' };
  if (remediation.strategy === 'uninstall') return run('uninstall');
  const target = await findRollbackTarget();
  if (target === 'none') return { type: 'noRollbackTarget' };
  return run(target === 'there' ? 'rollback' : 'upgrade');
}

function run(action: ActionName): NextStep {
  return { type: 'run', action };
}

/** What comes after an action whose type has run already, or after a remediation (HELM-ACT-03, HELM-ACT-04). */
export function afterRepetition(active: FailurePolicy): 'retryLater' | 'again' | 'exhausted' {
  if (active.retry) return 'retryLater';
  return active.remediation?.isExhausted ? 'exhausted' : 'again';
}
