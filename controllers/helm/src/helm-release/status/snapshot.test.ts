import type { Release } from '@flux/helm';
import { expect, test } from 'vitest';
import { snapshotOf, testHooksOf, verifySnapshot } from './snapshot.ts';

const release: Release = {
  name: 'demo',
  namespace: 'ns',
  version: 2,
  info: {
    first_deployed: '2026-01-02T03:04:05.6789Z',
    last_deployed: '2026-01-03T03:04:05.6789Z',
    status: 'deployed',
  },
  chart: {
    metadata: { name: 'chart', version: '1.0.0', apiVersion: 'v2', appVersion: '7' },
    templates: [],
    values: {},
    files: [],
  },
  config: { message: 'one' },
  manifest: '',
  hooks: [],
};

test('a snapshot tells of a stored revision (HELM-STAT-01)', async () => {
  expect(await snapshotOf(release, { algorithm: 'sha256', ociDigest: 'sha256:o' })).toEqual({
    apiVersion: 'v2',
    digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    name: 'demo',
    namespace: 'ns',
    version: 2,
    status: 'deployed',
    chartName: 'chart',
    chartVersion: '1.0.0',
    appVersion: '7',
    configDigest: 'sha256:c3a70400d9465960aa58d6436c38fbd85353c68020ce39a4efaf8ad9467137ff',
    firstDeployed: '2026-01-02T03:04:05Z',
    lastDeployed: '2026-01-03T03:04:05Z',
    ociDigest: 'sha256:o',
  });
});

test('results of tests are told by name (HELM-STAT-01)', () => {
  const hook = { kind: 'Job', path: 'x', manifest: '', events: ['test'] as const };
  const hooks: Release['hooks'] = [
    { ...hook, name: 'new', events: ['test'], last_run: { phase: '' } },
    {
      ...hook,
      name: 'done',
      events: ['test'],
      last_run: { started_at: '2026-01-01T00:00:00.5Z', completed_at: '2026-01-01T00:00:01Z', phase: 'Succeeded' },
    },
    { ...hook, name: 'other', events: ['pre-install'], last_run: { phase: 'Succeeded' } },
  ];

  expect(testHooksOf({ ...release, hooks })).toEqual({
    new: {},
    done: { lastStarted: '2026-01-01T00:00:00Z', lastCompleted: '2026-01-01T00:00:01Z', phase: 'Succeeded' },
  });
});

test('a snapshot is compared by the algorithm of its digest', async () => {
  const snapshot = await snapshotOf(release, { algorithm: 'sha512' });

  expect(await verifySnapshot(snapshot, release)).toBe('same');
  expect(await verifySnapshot(snapshot, { ...release, manifest: 'x' })).toBe('changed');
});
