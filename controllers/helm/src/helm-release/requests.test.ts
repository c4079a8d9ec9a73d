import type { HelmRelease } from '@flux/api';
import { expect, test } from 'vitest';
import { takeForceRequest } from './requests.ts';

function release(annotations: Record<string, string>, status: object = {}): HelmRelease {
  const metadata = { name: 'demo', namespace: 'ns', annotations };
  return {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata,
    spec: {},
    status,
  } as unknown as HelmRelease;
}

const both = (value: string) => ({
  'reconcile.fluxcd.io/requestedAt': value,
  'reconcile.fluxcd.io/forceAt': value,
});

test('a force request counts once (HELM-FLOW-13)', () => {
  const object = release(both('a'));

  expect(takeForceRequest(object)).toBe(true);
  expect(object.status?.lastHandledForceAt).toBe('a');
  expect(takeForceRequest(object)).toBe(false);
});

test.each([
  ['another requestedAt', { ...both('a'), 'reconcile.fluxcd.io/requestedAt': 'b' }, {}],
  ['a request that has been handled', both('a'), { lastHandledReconcileAt: 'a' }],
])('a force request with %s is only remembered', (_, annotations, status) => {
  const object = release(annotations, status);

  expect(takeForceRequest(object)).toBe(false);
  expect(object.status?.lastHandledForceAt).toBe('a');
});

test('without the annotation nothing is remembered', () => {
  const object = release({ 'reconcile.fluxcd.io/requestedAt': 'a' });

  expect(takeForceRequest(object)).toBe(false);
  expect(object.status?.lastHandledForceAt).toBeUndefined();
});
