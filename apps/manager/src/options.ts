import type { Cluster } from '@flux/client';
import type { KustomizeSettings } from '@flux/kustomize-controller';
import type { Logger, StartOptions } from '@flux/runtime';
import type { ControllerName } from './controller-names.ts';

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
  /** Flags and gates of kustomize-controller; what is not set has Flux's default. */
  kustomize?: Partial<KustomizeSettings>;
  /** Repositories are fetched from here instead of their `spec.url`. */
  rewriteUrl?: (url: string) => string;
}
