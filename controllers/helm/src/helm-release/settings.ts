import type { RemoteKubeconfigOptions, TokenCacheOptions } from '@flux/client';
import type { DigestAlgorithm } from '@flux/crypto';

/** What flags and feature gates of helm-controller decide (HELM-CTRL-06, HELM-CTRL-07). */
export interface HelmSettings {
  /** `--concurrent`: HelmReleases at the same time. */
  concurrency: number;
  /** `--requeue-dependency`: the safety net below waits that end by events. */
  requeueDependencyMs: number;
  /** `--no-cross-namespace-refs`. */
  refusesCrossNamespaceRefs: boolean;
  /** `--default-service-account`. */
  defaultServiceAccount: string;
  /** `--default-kubeconfig-service-account`. */
  defaultKubeConfigServiceAccount: string;
  /** `--insecure-kubeconfig-exec` and `--insecure-kubeconfig-tls`. */
  remoteKubeconfig: RemoteKubeconfigOptions;
  /** `--token-cache-max-size` and `--token-cache-max-duration`. */
  tokenCache: Pick<TokenCacheOptions, 'maxSize' | 'maxDurationMs'>;
  /** `--override-manager`. */
  overrideManagers: readonly string[];
  /** `--http-retry`. */
  httpRetries: number;
  /** `--http-timeout`. */
  httpTimeoutMs: number;
  /** `--snapshot-digest-algo`. */
  digestAlgorithm: DigestAlgorithm;
  /** `--watch-configs-label-selector`; empty watches no ConfigMaps and Secrets (gate `DisableConfigWatchers`). */
  configSelector: string;
  /** Gate `DisableChartDigestTracking`, negated. */
  tracksChartDigest: boolean;
  /** Gate `UseHelm3Defaults`. */
  usesHelm3Defaults: boolean;
  /** Gate `CancelHealthCheckOnNewRevision`. */
  cancelsHealthChecks: boolean;
  /** Gate `DefaultToRetryOnFailure`. */
  retriesByDefault: boolean;
  /** Gate `AdditiveCELDependencyCheck`. */
  addsReadyExpr: boolean;
  /** Gate `ExternalArtifact`. */
  allowsExternalArtifact: boolean;
  /** Gate `ObjectLevelWorkloadIdentity`. */
  allowsObjectIdentity: boolean;
  /** Gate `AllowDNSLookups`. */
  allowsDnsLookups: boolean;
  /** How long a HelmChart that was made or changed may take before its HelmRelease tells that it is not ready. */
  chartGraceMs: number;
  /** Bytes of chart archives that are kept parsed. */
  chartCacheBytes: number;
}

/**
 * Flux's defaults, with two exceptions: a newer chart or request ends a wait (gate `CancelHealthCheckOnNewRevision`), and
 * more releases go on at a time, for most of that time is waiting.
 */
export const defaultSettings: HelmSettings = {
  concurrency: 20,
  requeueDependencyMs: 30_000,
  refusesCrossNamespaceRefs: false,
  defaultServiceAccount: '',
  defaultKubeConfigServiceAccount: '',
  remoteKubeconfig: {},
  tokenCache: {},
  overrideManagers: [],
  httpRetries: 9,
  httpTimeoutMs: 30_000,
  digestAlgorithm: 'sha256',
  configSelector: 'reconcile.fluxcd.io/watch=Enabled',
  tracksChartDigest: true,
  usesHelm3Defaults: false,
  cancelsHealthChecks: true,
  retriesByDefault: false,
  addsReadyExpr: false,
  allowsExternalArtifact: false,
  allowsObjectIdentity: false,
  allowsDnsLookups: false,
  chartGraceMs: 10_000,
  chartCacheBytes: 32 * 1024 * 1024,
};
