import type { Condition, HelmRelease } from '@flux/api';
import { conditionsOf } from '@flux/runtime';
import { expect, test } from 'vitest';
import { summarize } from './summary.ts';

const condition = (type: string, status: string, observedGeneration = 1): Condition =>
  ({ type, status, reason: `${type}Reason`, message: type, observedGeneration, lastTransitionTime: '' }) as Condition;

function summaryOf(conditions: Condition[], options: { tests?: boolean; ignoresTestFailures?: boolean } = {}) {
  const { tests = false, ignoresTestFailures = false } = options;
  const object = {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'demo', namespace: 'ns', generation: 2 },
    spec: { test: { enable: tests } },
    status: { conditions },
  } as unknown as HelmRelease;
  const set = conditionsOf(object);
  summarize({ object, conditions: set, ignoresTestFailures, specDigests: { commonMetadata: 'sha256:m' } });
  return { set, object, ready: `${set.get('Ready')?.status} ${set.get('Ready')?.reason}` };
}

test('Ready follows remediation, then tests, then the release (HELM-STAT-05)', () => {
  const released = condition('Released', 'True');
  const tested = condition('TestSuccess', 'False');

  expect(summaryOf([released]).ready).toBe('True ReleasedReason');
  expect(summaryOf([released, tested], { tests: true }).ready).toBe('False TestSuccessReason');
  expect(summaryOf([released, tested], { tests: true, ignoresTestFailures: true }).ready).toBe('True ReleasedReason');
  expect(summaryOf([released, condition('Remediated', 'True')]).ready).toBe('False RemediatedReason');
});

test('Ready follows the newest generation first (HELM-STAT-05)', () => {
  expect(summaryOf([condition('Remediated', 'True'), condition('Released', 'True', 2)]).ready).toBe(
    'True ReleasedReason',
  );
});

test('Ready ends Stalled, and tests that are off are not told of (HELM-STAT-05)', () => {
  const { set, object } = summaryOf([
    condition('Stalled', 'True'),
    condition('Released', 'True'),
    condition('TestSuccess', 'True'),
  ]);

  expect(set.get('Stalled')).toBeUndefined();
  expect(set.get('TestSuccess')).toBeUndefined();
  expect(object.status?.observedCommonMetadataDigest).toBe('sha256:m');
});
