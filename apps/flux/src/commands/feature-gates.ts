import type { RunManagerOptions } from '@flux/manager';
import { UsageError } from '../command/errors.ts';

/** What gates change, by controller. */
interface GateSettings {
  kustomize?: NonNullable<RunManagerOptions['kustomize']>;
  helm?: NonNullable<RunManagerOptions['helm']>;
  watchesMemory?: boolean;
}

/** Gates of the controllers that change something here (KUS-CTRL-03, HELM-CTRL-07), and those that never did. */
const gates: Readonly<Record<string, (isOn: boolean) => GateSettings>> = {
  StrictPostBuildSubstitutions: (isOn) => ({ kustomize: { strictSubstitutions: isOn } }),
  DisableFailFastBehavior: (isOn) => ({ kustomize: { failsFast: !isOn } }),
  MigrateAPIVersion: (isOn) => ({ kustomize: { migratesApiVersion: isOn } }),
  AdditiveCELDependencyCheck: (isOn) => both({ addsReadyExpr: isOn }),
  ExternalArtifact: (isOn) => both({ allowsExternalArtifact: isOn }),
  CancelHealthCheckOnNewRevision: (isOn) => both({ cancelsHealthChecks: isOn }),
  DisableConfigWatchers: (isOn) => (isOn ? both({ configSelector: '' }) : {}),
  DisableChartDigestTracking: (isOn) => ({ helm: { tracksChartDigest: !isOn } }),
  UseHelm3Defaults: (isOn) => ({ helm: { usesHelm3Defaults: isOn } }),
  DefaultToRetryOnFailure: (isOn) => ({ helm: { retriesByDefault: isOn } }),
  AllowDNSLookups: (isOn) => ({ helm: { allowsDnsLookups: isOn } }),
  ObjectLevelWorkloadIdentity: (isOn) => ({ helm: { allowsObjectIdentity: isOn } }),
  OOMWatch: (isOn) => ({ watchesMemory: isOn }),
  // Flux accepts these without effect (HELM-DRIFT-07); the last two are how this build works anyway.
  DetectDrift: () => ({}),
  CorrectDrift: () => ({}),
  AdoptLegacyReleases: () => ({}),
  CacheSecretsAndConfigMaps: () => ({}),
  DirectSourceFetch: () => ({}),
};

function both<T extends object>(settings: T): { kustomize: T; helm: T } {
  return { kustomize: settings, helm: settings };
}

/** Reads `Name=true` and `Name=false`; a name that no controller knows is refused. */
export function gateSettings(texts: readonly string[]): Required<GateSettings> {
  const settings: Required<GateSettings> = { kustomize: {}, helm: {}, watchesMemory: false };
  for (const text of texts) {
    const [, name = '', value] = /^([A-Za-z0-9]+)=(true|false)$/.exec(text) ?? [];
    const gate = Object.hasOwn(gates, name) ? gates[name] : undefined;
    if (!gate) {
      throw new UsageError(
        `invalid feature gate ${JSON.stringify(text)}: must be Name=true or Name=false, with a name of: ${Object.keys(gates).join(', ')}`,
      );
    }
    const { kustomize, helm, watchesMemory } = gate(value === 'true');
    settings.watchesMemory = watchesMemory ?? settings.watchesMemory;
    Object.assign(settings.kustomize, kustomize);
    Object.assign(settings.helm, helm);
  }
  return settings;
}
