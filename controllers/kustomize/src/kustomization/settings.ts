/** What flags and feature gates of kustomize-controller decide (KUS-CTRL-02, KUS-CTRL-03). */
export interface KustomizeSettings {
  /** `--concurrent`: Kustomizations at the same time. */
  concurrency: number;
  /** `--concurrent-ssa`: objects of one Kustomization at the same time. */
  applyConcurrency: number;
  /** `--requeue-dependency`: the safety net below waits that end by events, and the time named in messages. */
  requeueDependencyMs: number;
  /** `--no-remote-bases`. */
  refusesRemoteBases: boolean;
  /** `--no-cross-namespace-refs`. */
  refusesCrossNamespaceRefs: boolean;
  /** `--default-service-account`. */
  defaultServiceAccount: string;
  /** `--override-manager`. */
  overrideManagers: readonly string[];
  /** `--custom-apply-stage-kinds`: `group/Kind`, separated by commas. */
  customStageKinds: string;
  /** `--http-retry`. */
  httpRetries: number;
  /** `--watch-configs-label-selector`; empty watches no ConfigMaps and Secrets (gate `DisableConfigWatchers`). */
  configSelector: string;
  /** Gate `StrictPostBuildSubstitutions`. */
  strictSubstitutions: boolean;
  /** Gate `DisableFailFastBehavior`, negated. */
  failsFast: boolean;
  /** Gate `AdditiveCELDependencyCheck`. */
  addsReadyExpr: boolean;
  /** Gate `ExternalArtifact`. */
  allowsExternalArtifact: boolean;
  /** Gate `CancelHealthCheckOnNewRevision`. */
  cancelsHealthChecks: boolean;
  /** Gate `MigrateAPIVersion`. */
  migratesApiVersion: boolean;
  /** Limit of a stage wait (KUS-APPLY-05). */
  stageTimeoutMs: number;
  /** Bytes of rendered manifests that are kept for the next pass. */
  buildCacheBytes: number;
}

/**
 * Flux's defaults, with two exceptions: a newer revision or request ends a health check (gate
 * `CancelHealthCheckOnNewRevision`), and more Kustomizations go on at a time, for most of that time is waiting.
 */
export const defaultSettings: KustomizeSettings = {
  concurrency: 20,
  applyConcurrency: 4,
  requeueDependencyMs: 30_000,
  refusesRemoteBases: false,
  refusesCrossNamespaceRefs: false,
  defaultServiceAccount: '',
  overrideManagers: [],
  customStageKinds: '',
  httpRetries: 9,
  configSelector: 'reconcile.fluxcd.io/watch=Enabled',
  strictSubstitutions: true,
  failsFast: true,
  addsReadyExpr: false,
  allowsExternalArtifact: false,
  cancelsHealthChecks: true,
  migratesApiVersion: false,
  stageTimeoutMs: 60_000,
  buildCacheBytes: 32 * 1024 * 1024,
};
