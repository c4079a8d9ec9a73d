import type { HelmRelease } from '@flux/api';
import { expect, test } from 'vitest';
import { chartTemplateKeyOf, releaseNameOf, releaseNamespaceOf, shortenName, storageNamespaceOf } from './names.ts';

const release = (spec: object): HelmRelease =>
  ({
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'app', namespace: 'team' },
    spec,
  }) as HelmRelease;

test('the name of a release comes from releaseName, target namespace and name (HELM-NAME-01)', () => {
  expect(releaseNameOf(release({ releaseName: 'own', targetNamespace: 'apps' }))).toBe('own');
  expect(releaseNameOf(release({ targetNamespace: 'apps' }))).toBe('apps-app');
  expect(releaseNameOf(release({}))).toBe('app');
});

test('a name beyond 53 characters ends in a digest of the whole (HELM-NAME-02)', () => {
  const name = 'a-very-long-release-name-that-goes-just-beyond-the-limit';

  expect(shortenName(name)).toBe('a-very-long-release-name-that-goes-just--3ea12f7b780f');
  expect(shortenName('x'.repeat(53))).toBe('x'.repeat(53));
});

test('a release goes to its target namespace, its storage stays with the HelmRelease (HELM-NAME-03)', () => {
  const both = release({ targetNamespace: 'apps', storageNamespace: 'storage' });

  expect([releaseNamespaceOf(both), storageNamespaceOf(both)]).toEqual(['apps', 'storage']);
  expect(storageNamespaceOf(release({ targetNamespace: 'apps' }))).toBe('team');
  expect(releaseNamespaceOf(release({ storageNamespace: 'storage' }))).toBe('team');
});

test('the HelmChart lies with its source and carries the namespace of the release (HELM-NAME-04)', () => {
  const chart = {
    spec: { chart: 'demo', sourceRef: { kind: 'HelmRepository', name: 'charts', namespace: 'sources' } },
  };

  expect(chartTemplateKeyOf(release({ chart }))).toEqual({ namespace: 'sources', name: 'team-app' });
  expect(chartTemplateKeyOf(release({ chartRef: { kind: 'HelmChart', name: 'x' } }))).toBeUndefined();
});
