import { expect, test } from 'vitest';
import { formatReport } from './format-report.ts';
import { formatLocalTime } from './local-time.ts';

const ready = [{ type: 'Ready', status: 'True', message: 'Applied', lastTransitionTime: '2021-07-16T15:42:20Z' }];
const traced = {
  object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'podinfo', namespace: 'apps' } },
  kind: 'deployment',
};
const owner = {
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name: 'fleet', namespace: 'flux-system' },
  spec: { interval: '1m', prune: true, path: './apps', sourceRef: { kind: 'GitRepository' as const, name: 'fleet' } },
  status: { lastAppliedRevision: 'main@sha1:1', conditions: [] },
};

test('shows object, owner and source in blocks, unknown where nothing was reported', () => {
  const source = {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name: 'fleet', namespace: 'flux-system' },
    spec: { url: 'https://x.test', ref: { semver: '>=1.0.0', branch: 'main' } },
    status: { conditions: ready },
  };

  expect(formatReport(traced, owner, source, 'UTC')).toBe(`
Object:          deployment/podinfo
Namespace:       apps
Status:          Managed by Flux
---
Kustomization:   fleet
Namespace:       flux-system
Path:            ./apps
Revision:        main@sha1:1
Status:          Unknown
---
GitRepository:   fleet
Namespace:       flux-system
URL:             https://x.test
Tag:             >=1.0.0
Status:          Last reconciled at 2021-07-16 15:42:20 +0000 UTC
Message:         Applied
`);
});

test('prints times as Go does in the zone of the user', () => {
  expect(formatLocalTime('2021-07-16T15:42:20Z', 'America/New_York')).toBe('2021-07-16 11:42:20 -0400 EDT');
});
