import type { Kustomization } from '@flux/api';
import { expect, test } from 'vitest';
import { recordHistory } from './history.ts';
import { formatTimeout, retryMs, timeoutMs } from './timing.ts';

function kustomization(spec: object): Kustomization {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'a', namespace: 'n' },
    spec: { interval: '10m', prune: true, sourceRef: { kind: 'GitRepository', name: 'app' }, ...spec },
  };
}

test('the timeout is explicit or the interval less 30 s, and at least 30 s (KUS-API-06)', () => {
  expect(formatTimeout(kustomization({}))).toBe('9m30s');
  expect(formatTimeout(kustomization({ timeout: '2h' }))).toBe('2h0m0s');
  expect(timeoutMs(kustomization({ timeout: '5s' }))).toBe(30_000);
  expect(timeoutMs(kustomization({ interval: '10s' }))).toBe(30_000);
});

test('a failure is retried after retryInterval, else after the interval', () => {
  expect(retryMs(kustomization({ retryInterval: '90s' }))).toBe(90_000);
  expect(retryMs(kustomization({}))).toBe(600_000);
});

test('history counts equal results, lists five of others, newest first (KUS-STAT-02)', () => {
  const object = kustomization({});
  const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds));
  const record = (digest: string, seconds: number) =>
    recordHistory(object, {
      digest,
      status: 'ReconciliationSucceeded',
      startedAt: at(seconds),
      finishedAt: at(seconds + 1),
      metadata: { revision: `r${seconds}` },
    });

  for (const [index, digest] of ['a', 'b', 'c', 'd', 'e', 'f', 'b'].entries()) record(digest, index);

  const history = object.status?.history ?? [];
  expect(history.map((entry) => `${entry.digest}${entry.totalReconciliations}`)).toEqual([
    'b2',
    'f1',
    'e1',
    'd1',
    'c1',
  ]);
  expect(history[0]).toMatchObject({
    firstReconciled: '2026-01-01T00:00:02Z',
    lastReconciled: '2026-01-01T00:00:07Z',
    lastReconciledDuration: '1s',
    metadata: { revision: 'r6' },
  });
});
