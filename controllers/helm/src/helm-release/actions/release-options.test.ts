import type { HelmRelease } from '@flux/api';
import { expect, test } from 'vitest';
import { serverSideApplyOf, waitStrategyOf } from './release-options.ts';

const release = (spec: object): HelmRelease => ({ metadata: { name: 'demo' }, spec }) as HelmRelease;

test('disableWait leaves the waits of hooks alone, whatever the strategy (HELM-WAIT-01)', () => {
  const legacy = release({ waitStrategy: { name: 'legacy' } });

  expect(waitStrategyOf(release({}), true, false)).toBe('hook-only');
  expect(waitStrategyOf(legacy, true, false)).toBe('hook-only');
  expect(waitStrategyOf(legacy, false, false)).toBe('legacy');
  expect(waitStrategyOf(release({}), undefined, false)).toBe('poller');
  expect(waitStrategyOf(release({}), undefined, true)).toBe('legacy');
});

test('server-side apply of upgrade and rollback follows the release before by default (HELM-REL-03, HELM-REL-04)', () => {
  expect(serverSideApplyOf(undefined)).toBe('auto');
  expect(serverSideApplyOf('auto')).toBe('auto');
  expect(serverSideApplyOf('enabled')).toBe(true);
  expect(serverSideApplyOf('disabled')).toBe(false);
});
