import type { HelmReleaseSnapshot } from '@flux/api';
import { expect, test } from 'vitest';
import { isTested, previousOf, recordRefresh, recordRelease, recordRemediation, truncate } from './history.ts';

function snapshot(version: number, status: string, more: Partial<HelmReleaseSnapshot> = {}): HelmReleaseSnapshot {
  return {
    apiVersion: 'v2',
    digest: `sha256:${version}`,
    name: 'demo',
    namespace: 'ns',
    version,
    status,
    chartName: 'demo',
    chartVersion: '1.0.0',
    configDigest: 'sha256:c',
    firstDeployed: '2026-01-01T00:00:00Z',
    lastDeployed: '2026-01-01T00:00:00Z',
    ...more,
  };
}

const shown = (history: readonly HelmReleaseSnapshot[]) =>
  history.map(({ version, status, action }) => `${version} ${status} ${action ?? '-'}`);

test('the highest revision written comes first, the one before loses its action (HELM-STAT-02)', () => {
  const history = [snapshot(1, 'deployed', { action: 'install', ociDigest: 'sha256:o' })];

  const result = recordRelease(history, [snapshot(1, 'superseded'), snapshot(2, 'deployed')], 'upgrade');

  expect(shown(result)).toEqual(['2 deployed upgrade', '1 superseded -']);
  expect(result[1]?.ociDigest).toBe('sha256:o');
});

test('of several other revisions only the highest known one is refreshed', () => {
  const history = [snapshot(3, 'failed', { action: 'upgrade' }), snapshot(2, 'deployed'), snapshot(1, 'superseded')];
  const written = [snapshot(4, 'deployed'), snapshot(2, 'superseded'), snapshot(1, 'gone')];

  expect(shown(recordRelease(history, written, 'upgrade'))).toEqual([
    '4 deployed upgrade',
    '3 failed upgrade',
    '2 superseded -',
    '1 superseded -',
  ]);
});

test('a rollback stamps every entry that it wrote and puts its revision first', () => {
  const history = [snapshot(2, 'failed', { action: 'upgrade' }), snapshot(1, 'deployed')];
  const written = [snapshot(1, 'superseded'), snapshot(3, 'deployed')];

  expect(shown(recordRemediation(history, written, 'rollback'))).toEqual([
    '3 deployed rollback',
    '2 failed upgrade',
    '1 superseded rollback',
  ]);
});

test('an uninstall adds nothing to the history', () => {
  const result = recordRemediation(
    [snapshot(2, 'failed')],
    [snapshot(2, 'uninstalling'), snapshot(1, 'x')],
    'uninstall',
  );

  expect(shown(result)).toEqual(['2 uninstalling uninstall']);
});

test('tests and unlocking keep the action', () => {
  const tested = { ...snapshot(1, 'deployed'), testHooks: { t: { phase: 'Succeeded' } } };

  const [entry] = recordRefresh([snapshot(1, 'deployed', { action: 'install' })], tested);

  expect(entry).toMatchObject({ action: 'install', testHooks: { t: { phase: 'Succeeded' } } });
});

test('history is cut after the first older revision that was good (HELM-STAT-04)', () => {
  const failedTest = { testHooks: { t: { phase: 'Failed' } } };
  const history = [
    snapshot(1, 'superseded'),
    snapshot(5, 'deployed'),
    snapshot(4, 'failed'),
    snapshot(3, 'superseded', failedTest),
    snapshot(2, 'superseded'),
  ];

  expect(shown(truncate(history, false))).toEqual(['5 deployed -', '4 failed -', '3 superseded -', '2 superseded -']);
  expect(truncate(history, true).map(({ version }) => version)).toEqual([5, 4, 3]);
  expect(previousOf(history, false)?.version).toBe(2);
});

test('without a good revision five remain', () => {
  const failed = [1, 2, 3, 4, 5, 6, 7].map((version) => snapshot(version, 'failed'));

  expect(truncate(failed, false).map(({ version }) => version)).toEqual([7, 6, 5, 4, 3]);
});

test.each<[HelmReleaseSnapshot['testHooks'], boolean]>([
  [undefined, false],
  [{}, true],
  [{ a: { phase: 'Succeeded' }, b: { phase: 'Failed' } }, true],
  [{ a: { phase: 'Succeeded' }, b: { phase: 'Running' } }, false],
  [{ a: { phase: 'Succeeded' } }, true],
])('tests %j count as run: %s (HELM-STATE-02)', (testHooks, expected) => {
  expect(isTested(snapshot(1, 'deployed', testHooks ? { testHooks } : {}))).toBe(expected);
});
