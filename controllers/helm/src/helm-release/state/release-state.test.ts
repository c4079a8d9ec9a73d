import type { HelmRelease, HelmReleaseSnapshot } from '@flux/api';
import type { Release } from '@flux/helm';
import { expect, test } from 'vitest';
import { snapshotOf } from '../status/snapshot.ts';
import { determineState, type StateInput } from './release-state.ts';

const stored: Release = {
  name: 'demo',
  namespace: 'ns',
  version: 1,
  info: { status: 'deployed', first_deployed: '2026-01-01T00:00:00Z', last_deployed: '2026-01-01T00:00:00Z' },
  chart: { metadata: { name: 'demo', version: '1.0.0', apiVersion: 'v2' }, templates: [], values: {}, files: [] },
  config: { message: 'one' },
  manifest: '',
  hooks: [],
};
const withStatus = (status: Release['info']['status']): Release => ({ ...stored, info: { ...stored.info, status } });

async function input(
  release: Release | undefined,
  more: Partial<StateInput<string>> = {},
): Promise<StateInput<string>> {
  const snapshot = await snapshotOf(release ?? stored, { algorithm: 'sha256' });
  return {
    object: objectWith([snapshot]),
    last: release,
    chart: { name: 'demo', version: '1.0.0' },
    configDigest: snapshot.configDigest,
    specDigests: {},
    policy: {},
    ignoresTestFailures: false,
    ...more,
  };
}

function objectWith(history: HelmReleaseSnapshot[], spec: object = {}): HelmRelease {
  const status = { observedGeneration: 1, history };
  return {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'demo', namespace: 'ns', generation: 1 },
    spec,
    status,
  } as HelmRelease;
}

const history = async (more: Partial<HelmReleaseSnapshot> = {}) => [
  { ...(await snapshotOf(stored, { algorithm: 'sha256' })), ...more },
];

const cases: [string, () => Promise<StateInput<string>>, string][] = [
  ['nothing in storage', () => input(undefined), 'Absent'],
  ['a pending upgrade', () => input(withStatus('pending-upgrade')), 'Locked'],
  ['a killed uninstall', () => input(withStatus('uninstalling')), 'Locked'],
  ['a release of somebody else', () => input(stored, { object: objectWith([]) }), 'Unmanaged'],
  [
    'an uninstalled release of somebody else',
    () => input(withStatus('uninstalled'), { object: objectWith([]) }),
    'Absent',
  ],
  [
    'a release changed by hand',
    async () => input({ ...stored, manifest: 'x' }, { object: objectWith(await history()) }),
    'Unmanaged',
  ],
  [
    'an unreadable digest',
    async () => input(stored, { object: objectWith(await history({ digest: 'x:y' })) }),
    'Unmanaged',
  ],
  ['a failed release', () => input(withStatus('failed')), 'Failed'],
  ['an uninstalled release', () => input(withStatus('uninstalled')), 'Absent'],
  ['another chart version', () => input(stored, { chart: { name: 'demo', version: '1.1.0' } }), 'OutOfSync'],
  ['another chart', () => input(stored, { chart: { name: 'other', version: '1.0.0' } }), 'OutOfSync'],
  ['other values', () => input(stored, { configDigest: 'sha256:other' }), 'OutOfSync'],
  [
    'tests to run',
    async () => input(stored, { object: objectWith(await history(), { test: { enable: true } }) }),
    'Untested',
  ],
  ['drift', () => input(stored, { findDrift: async () => 'changed' }), 'Drifted'],
  ['everything as wanted', () => input(stored, { findDrift: async () => undefined }), 'InSync'],
];

test.each(cases)('%s gives the state of HELM-STATE', async (_, make, expected) => {
  expect((await determineState(await make())).type).toBe(expected);
});

test('an older snapshot is not compared with storage', async () => {
  const object = objectWith(await history({ apiVersion: 'v1', digest: 'sha256:old' }));

  expect((await determineState(await input(stored, { object }))).type).toBe('InSync');
});

test('post renderers count only while the generation is not observed (HELM-STATE-01)', async () => {
  const specDigests = { postRenderers: 'sha256:new' };
  const seen = objectWith(await history());
  const unseen = { ...seen, metadata: { ...seen.metadata, generation: 2 } };

  expect((await determineState(await input(stored, { object: seen, specDigests }))).type).toBe('InSync');
  expect(await determineState(await input(stored, { object: unseen, specDigests }))).toEqual({
    type: 'OutOfSync',
    reason: 'postrenderers digest has changed',
  });
});

test('a failed test fails the release while it is to be remediated', async () => {
  const testHooks = { t: { phase: 'Failed' } };
  const object = objectWith(await history({ testHooks }), { test: { enable: true } });
  const remediation = {
    retries: 0,
    failures: 1,
    isExhausted: true,
    remediatesLastFailure: false,
    ignoresTestFailures: false,
    strategy: 'rollback',
  } as const;

  expect((await determineState(await input(stored, { object, policy: { remediation } }))).type).toBe('Failed');
  expect((await determineState(await input(stored, { object }))).type).toBe('InSync');
});

test('a status from which nothing follows is an error', async () => {
  await expect(determineState(await input(withStatus('superseded')))).rejects.toThrow(
    "unable to determine state for release with status 'superseded'",
  );
});
