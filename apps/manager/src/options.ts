import type { Cluster } from '@flux/client';
import type { Logger, StartOptions } from '@flux/runtime';
import type { ControllerName } from './controller-names.ts';

/** What `startManager` needs; names follow the flags of Flux's controllers (KUS-CTRL-02, SRC-FLAG). */
export interface ManagerOptions extends Omit<StartOptions, 'cluster' | 'log'> {
  cluster: Cluster;
  log: Logger;
  /** Default: all. */
  controllers?: readonly ControllerName[];
  /** Objects reconciled at a time by each controller. Unset: source 2, kustomize 4. */
  concurrent?: number;
  /** `--concurrent-ssa`, default 4. */
  concurrentSsa?: number;
  /** `--storage-path`: where artifacts are kept; it must exist. */
  storagePath: string;
  /** `--storage-addr`: where artifacts are served, such as `127.0.0.1:0`. */
  storageAddress: string;
  /** `--storage-adv-addr`; unset: the address that is listened on. */
  storageAdvertisedAddress?: string;
  artifactRetentionMs?: number;
  artifactRetentionRecords?: number;
  /** `--requeue-dependency` in milliseconds; it shows in messages, waits end by watch. */
  requeueDependencyMs?: number;
  noCrossNamespaceRefs?: boolean;
  noRemoteBases?: boolean;
  defaultServiceAccount?: string;
  httpRetry?: number;
  overrideManagers?: readonly string[];
  /** `group/Kind` of an apply stage of their own (KUS-APPLY-04). */
  customApplyStageKinds?: readonly string[];
  featureGates?: Readonly<Record<string, boolean>>;
  /** Repositories are fetched from here instead of their `spec.url`. */
  rewriteUrl?: (url: string) => string;
}
