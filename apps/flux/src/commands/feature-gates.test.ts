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
    'AllowDNSLookups=true',
    'ObjectLevelWorkloadIdentity=true',
  ];

  expect(gateSettings(gates).helm).toEqual({
    tracksChartDigest: false,
    usesHelm3Defaults: true,
    cancelsHealthChecks: false,
    retriesByDefault: true,
    addsReadyExpr: true,
    allowsExternalArtifact: true,
    configSelector: '',
    allowsDnsLookups: true,
    allowsObjectIdentity: true,
  });
});

test('old gates of drift detection are accepted without effect (HELM-DRIFT-07)', () => {
  const gates = ['DetectDrift=true', 'CorrectDrift=true', 'AdoptLegacyReleases=true'];

  expect(gateSettings(gates)).toEqual({ kustomize: {}, helm: {}, watchesMemory: false });
});

test('the gate OOMWatch lets the process watch its memory', () => {
  expect(gateSettings(['OOMWatch=true']).watchesMemory).toBe(true);
});

test.each(['NoSuchGate=true', 'UseHelm3Defaults', 'toString=true'])('the gate %s is refused by name', (text) => {
  expect(() => gateSettings([text])).toThrow(`invalid feature gate "${text}"`);
});
