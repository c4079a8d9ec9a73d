import { expect, test } from 'vitest';
import type { FailurePolicy, Remediation } from '../policy.ts';
import { afterRepetition, nextStep, type StepInput } from './next-step.ts';
import type { ReleaseState } from './release-state.ts';

const remediation = (more: Partial<Remediation> = {}): FailurePolicy => ({
  remediation: {
    retries: 0,
    failures: 0,
    isExhausted: false,
    remediatesLastFailure: false,
    ignoresTestFailures: false,
    strategy: 'rollback',
    ...more,
  },
});
const exhausted = remediation({ failures: 1, isExhausted: true });
const retry: FailurePolicy = { retry: { intervalMs: 300_000 } };
const state = (type: Exclude<ReleaseState['type'], 'Drifted'>): ReleaseState => ({ type, reason: '' });
const drifted: ReleaseState = { type: 'Drifted', drift: [] };

const cases: [string, Partial<StepInput>, string][] = [
  ['in sync', { state: state('InSync') }, 'done'],
  ['in sync and forced', { state: state('InSync'), isForced: true }, 'upgrade'],
  ['locked', { state: state('Locked') }, 'unlock'],
  ['absent', { state: state('Absent') }, 'install'],
  ['absent without retries', { state: state('Absent'), install: exhausted }, 'retriesExceeded'],
  ['absent without retries but forced', { state: state('Absent'), install: exhausted, isForced: true }, 'install'],
  ['unmanaged', { state: state('Unmanaged') }, 'upgrade'],
  ['out of sync', { state: state('OutOfSync') }, 'upgrade'],
  ['out of sync without retries', { state: state('OutOfSync'), upgrade: exhausted }, 'retriesExceeded'],
  ['drifted', { state: drifted, correctsDrift: true }, 'correct cluster drift'],
  ['drifted with warnings only', { state: drifted }, 'done'],
  ['untested', { state: state('Untested') }, 'test'],
  ['failed with a retry strategy', { state: state('Failed'), active: retry }, 'upgrade'],
  ['failed before the first attempt', { state: state('Failed'), active: {} }, 'upgrade'],
  ['failed under other conditions', { state: state('Failed'), active: remediation() }, 'upgrade'],
  ['failed without retries', { state: state('Failed'), active: exhausted }, 'retriesExceeded'],
  ['failed without retries but forced', { state: state('Failed'), active: exhausted, isForced: true }, 'upgrade'],
  ['failed with retries left', { state: state('Failed'), active: remediation({ failures: 1 }) }, 'rollback'],
  [
    'failed for the last time, to be remediated',
    { state: state('Failed'), active: remediation({ failures: 1, isExhausted: true, remediatesLastFailure: true }) },
    'rollback',
  ],
  [
    'failed with an uninstall strategy',
    { state: state('Failed'), active: remediation({ failures: 1, strategy: 'uninstall' }) },
    'uninstall',
  ],
  [
    'failed with nothing to go back to',
    { state: state('Failed'), active: remediation({ failures: 1 }), findRollbackTarget: async () => 'none' },
    'noRollbackTarget',
  ],
  [
    'failed with a changed target of the rollback',
    { state: state('Failed'), active: remediation({ failures: 1 }), findRollbackTarget: async () => 'changed' },
    'upgrade',
  ],
];

test.each(cases)('a release that is %s leads on (HELM-ACT)', async (_, input, expected) => {
  const step = await nextStep({
    state: state('InSync'),
    install: remediation(),
    upgrade: remediation(),
    active: remediation(),
    isForced: false,
    correctsDrift: false,
    findRollbackTarget: async () => 'there',
    ...input,
  });

  expect(step.type === 'run' ? step.action : step.type).toBe(expected);
});

test('an unmanaged release forgets its history', async () => {
  const step = await nextStep({
    state: state('Unmanaged'),
    install: remediation(),
    upgrade: remediation(),
    active: {},
    isForced: false,
    correctsDrift: false,
    findRollbackTarget: async () => 'none',
  });

  expect(step).toEqual({ type: 'run', action: 'upgrade', forgetsHistory: true });
});

test('an action whose type has run waits for its retry, goes again, or is given up (HELM-ACT-03)', () => {
  expect(afterRepetition(retry)).toBe('retryLater');
  expect(afterRepetition({})).toBe('again');
  expect(afterRepetition(remediation())).toBe('again');
  expect(afterRepetition(exhausted)).toBe('exhausted');
});
