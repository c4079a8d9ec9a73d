import type { Cluster } from '@flux/client';
import type { DigestAlgorithm } from '@flux/crypto';
import type { HelmSettings } from '@flux/helm-controller';
import type { KustomizeSettings } from '@flux/kustomize-controller';
import type { Logger, StartOptions } from '@flux/runtime';
import type { IndexCacheOptions, Retention } from '@flux/source-controller';
import type { ControllerName } from './controller-names.ts';

/** What flags of source-controller decide (SRC-FLAG-01..03). */
export interface SourceSettings {
  /** `--concurrent`: objects of each kind at the same time. */
  concurrency?: number;
  /** `--requeue-dependency`. */
  requeueDependencyMs?: number;
  /** `--artifact-retention-ttl` and `--artifact-retention-records`. */
  retention?: Retention;
  /** `--artifact-digest-algo`. */
  digestAlgorithm?: DigestAlgorithm;
  /** `--helm-index-max-size`, `--helm-chart-max-size`, `--helm-chart-file-max-size`. */
  limits?: { maxIndexBytes?: number; maxChartBytes?: number; maxFileBytes?: number };
  /** `--helm-cache-max-size` and `--helm-cache-ttl`. */
  indexCache?: Pick<IndexCacheOptions, 'maxItems' | 'ttlMs'>;
  /** `--helm-cache-purge-interval`. */
  indexCachePurgeMs?: number;
}

/** What `startManager` needs; names follow the flags of Flux's controllers (KUS-CTRL-02, SRC-FLAG). */
export interface ManagerOptions extends Omit<StartOptions, 'cluster' | 'log'> {
  cluster: Cluster;
  log: Logger;
  /** Default: all. */
  controllers?: readonly ControllerName[];
  /** `--storage-path`: where artifacts are kept; it must exist. */
  storagePath: string;
  /** `--storage-addr`: where artifacts are served, such as `127.0.0.1:0`. */
  storageAddress: string;
  /** `--storage-adv-addr`; unset: the address that is listened on. */
  storageAdvertisedAddress?: string;
  /** Flags of source-controller; what is not set has Flux's default. */
  source?: SourceSettings;
  /** Flags and gates of kustomize-controller; what is not set has Flux's default. */
  kustomize?: Partial<KustomizeSettings>;
  /** Flags and gates of helm-controller; what is not set has Flux's default. */
  helm?: Partial<HelmSettings>;
  /** Repositories are fetched from here instead of their `spec.url`. */
  rewriteUrl?: (url: string) => string;
}
