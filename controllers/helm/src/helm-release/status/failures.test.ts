import type { HelmRelease } from '@flux/api';
import { expect, test } from 'vitest';
import { clearFailures, countFailure, mustResetFailures, recordAttempt } from './failures.ts';

const release = (status: object = {}): HelmRelease =>
  ({
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'demo', namespace: 'ns', generation: 2 },
    spec: {},
    status,
  }) as HelmRelease;
const attempt = { chartVersion: '1.0.0', configDigest: 'sha256:c', revisionDigest: 'sha256:o' };
const attempted = {
  lastAttemptedGeneration: 2,
  lastAttemptedRevision: '1.0.0',
  lastAttemptedConfigDigest: 'sha256:c',
};

test.each([
  ['the same', attempted, false],
  ['another generation', { ...attempted, lastAttemptedGeneration: 1 }, true],
  ['another chart version', { ...attempted, lastAttemptedRevision: '0.9.0' }, true],
  ['other values', { ...attempted, lastAttemptedConfigDigest: 'sha256:d' }, true],
])('after an attempt with %s, failures are counted anew: %s (HELM-FLOW-12)', (_, status, expected) => {
  expect(mustResetFailures(release(status), attempt)).toBe(expected);
});

test('an attempt is recorded, and fields of old versions are cleared (HELM-FLOW-14, HELM-API-05)', () => {
  const object = release({ lastAttemptedValuesChecksum: 'abc', lastReleaseRevision: 3 });

  recordAttempt(object, attempt, 'storage');

  expect(object.status).toEqual({
    ...attempted,
    lastAttemptedRevisionDigest: 'sha256:o',
    storageNamespace: 'storage',
  });
  recordAttempt(object, { chartVersion: '1.0.0', configDigest: 'sha256:c' }, 'storage');
  expect(object.status).not.toHaveProperty('lastAttemptedRevisionDigest');
});

test('a failure uses up a retry only when storage was changed (HELM-ACT-06)', () => {
  const object = release();

  countFailure(object, 'install', false);
  countFailure(object, 'install', true);
  countFailure(object, 'upgrade', true);
  countFailure(object, undefined, false);

  expect(object.status).toEqual({ failures: 4, installFailures: 1, upgradeFailures: 1 });
  clearFailures(object);
  expect(object.status).toEqual({});
});
