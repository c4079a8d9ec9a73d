import type { HelmRelease } from '@flux/api';
import { expect, test } from 'vitest';
import { activePolicyOf, policyOf, timeoutMsOf } from './policy.ts';

const gates = { retriesByDefault: false, usesHelm3Defaults: false };
const release = (spec: object, status: object = {}): HelmRelease =>
  ({
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'demo', namespace: 'ns' },
    spec,
    status,
  }) as HelmRelease;

test.each([
  [undefined, 0, false],
  [undefined, 1, true],
  [2, 2, false],
  [2, 3, true],
  [-1, 100, false],
])('with retries %s and %i failures, retries are used up: %s (HELM-ACT-01)', (retries, upgradeFailures, expected) => {
  const object = release({ upgrade: { remediation: { retries } } }, { upgradeFailures });

  expect(policyOf(object, 'upgrade', gates).remediation?.isExhausted).toBe(expected);
});

test('the last failure is remediated by default only for upgrades with retries (HELM-ACT-01)', () => {
  const remediates = (action: 'install' | 'upgrade', remediation: object) =>
    policyOf(release({ [action]: { remediation } }), action, gates).remediation?.remediatesLastFailure;

  expect(remediates('install', { retries: 3 })).toBe(false);
  expect(remediates('upgrade', { retries: 3 })).toBe(true);
  expect(remediates('upgrade', {})).toBe(false);
  expect(remediates('install', { remediateLastFailure: true })).toBe(true);
});

test('without a strategy the gate decides between retry and remediation (HELM-ACT-08)', () => {
  const retries = { ...gates, retriesByDefault: true };
  const strategy = (name: string) => release({ upgrade: { strategy: { name }, remediation: { retries: 1 } } });

  expect(policyOf(release({}), 'install', gates)).toHaveProperty('remediation');
  expect(policyOf(release({}), 'install', retries)).toEqual({ retry: { intervalMs: 300_000 } });
  expect(policyOf(strategy('RetryOnFailure'), 'upgrade', gates)).toEqual({ retry: { intervalMs: 300_000 } });
  expect(policyOf(strategy('RemediateOnFailure'), 'upgrade', retries)).toHaveProperty('remediation');
});

test('before the first attempt there is no policy', () => {
  expect(activePolicyOf(release({}), gates)).toEqual({});
});

test('the timeout is that of the action, else of the object, else five minutes (HELM-REL-01)', () => {
  expect(timeoutMsOf(release({ timeout: '1m', upgrade: { timeout: '2s' } }), 'upgrade')).toBe(2_000);
  expect(timeoutMsOf(release({ timeout: '1m', upgrade: { timeout: '2s' } }), 'install')).toBe(60_000);
  expect(timeoutMsOf(release({}), 'test')).toBe(300_000);
});
