import { expect, test } from 'vitest';
import { gateSettings } from './feature-gates.ts';

test('gates of helm-controller change what they name (HELM-CTRL-07)', () => {
  const gates = [
    'DisableChartDigestTracking=true',
    'UseHelm3Defaults=true',
    'CancelHealthCheckOnNewRevision=false',
    'DefaultToRetryOnFailure=true',
    'AdditiveCELDependencyCheck=true',
    'ExternalArtifact=true',
    'DisableConfigWatchers=true',
    'CacheSecretsAndConfigMaps=true',
    'DirectSourceFetch=true',
  ];

  expect(gateSettings(gates).helm).toEqual({
    tracksChartDigest: false,
    usesHelm3Defaults: true,
    cancelsHealthChecks: false,
    retriesByDefault: true,
    addsReadyExpr: true,
    allowsExternalArtifact: true,
    configSelector: '',
  });
});

test('old gates of drift detection are accepted without effect (HELM-DRIFT-07)', () => {
  const gates = ['DetectDrift=true', 'CorrectDrift=true', 'AdoptLegacyReleases=true'];

  expect(gateSettings(gates)).toEqual({ kustomize: {}, helm: {} });
});

test.each(['OOMWatch=true', 'AllowDNSLookups=true', 'UseHelm3Defaults', 'toString=true'])(
  'the gate %s is refused by name',
  (text) => {
    expect(() => gateSettings([text])).toThrow(`invalid feature gate "${text}"`);
  },
);
