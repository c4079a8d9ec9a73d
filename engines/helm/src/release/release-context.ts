import type { KubeObject } from '@flux/apimachinery';
import type { Chart, Values } from '../chart/chart.ts';
import type { Rendered } from '../render/rendered.ts';
import type { ReleaseCluster } from './release-cluster.ts';
import type { ReleaseStorage } from './release-storage.ts';
import type { ReleaseWaiter, WaitStrategy } from './release-waiter.ts';

/** What every action works with. */
export interface ReleaseContext {
  cluster: ReleaseCluster;
  storage: ReleaseStorage;
  waiter: ReleaseWaiter;
  /** Owner of the fields that are written; `helm` on the command line, `helm-controller` in Flux. */
  fieldManager: string;
  /** Receives what Helm logs at these places: the events of Flux show the last lines (HELM-CTRL-01). */
  log?: (message: string, details?: Readonly<Record<string, unknown>>, level?: 'warning') => void;
  now?: () => Date;
  /** Reads the log of one container of a hook's Pod, for `helm.sh/hook-output-log-policy`; without it nothing is read. */
  podLogs?: (pod: KubeObject, container: string, signal?: AbortSignal) => Promise<string>;
  /** Receives such a log. */
  onHookLog?: (source: { namespace: string; pod: string; container: string }, text: string) => void;
  /** Ends the action at its next step; the release is recorded as failed. */
  signal?: AbortSignal;
  /** Ends a wait for resources, never one for hooks: what is released is out of date (HELM-WAIT-03). */
  interrupt?: AbortSignal;
}

export interface RenderReleaseRequest {
  chart: Chart;
  values: Values;
  release: { name: string; namespace: string; revision: number; isInstall: boolean; isUpgrade: boolean };
  disableSchemaValidation: boolean;
}

/** What a chart becomes, after post-rendering. */
export interface RenderedRelease extends Rendered {
  /** The chart with its dependencies processed, as the release keeps it; absent when that changed nothing. */
  chart?: Chart;
}

/** Renders a chart against the capabilities of the cluster, and post-renders it: the caller's closure over `renderChart`. */
export type RenderRelease = (request: RenderReleaseRequest) => Promise<RenderedRelease> | RenderedRelease;

export interface WaitChoice {
  /** For each wait and each hook, not for all of the action (HELM-REL-01). */
  timeoutMs: number;
  /** `poller` unless told. */
  waitStrategy?: WaitStrategy;
}

/** Options that install, upgrade and rollback share. */
export interface ChangeOptions extends WaitChoice {
  name: string;
  /** Jobs have to be complete. */
  waitForJobs?: boolean;
  disableHooks?: boolean;
  /** Takes over fields of other managers under server-side apply; true unless told, as in Flux. */
  forceConflicts?: boolean;
  /** Replaces objects instead of patching them, where client-side apply is used (HELM-KUBE-07). */
  force?: boolean;
}

/** `auto` does as the revision before did (HELM-REL-03 and -04). */
export type ServerSideApply = boolean | 'auto';

/** Options that upgrade and rollback share. */
export interface SuccessorOptions extends ChangeOptions {
  /** `auto` unless told. For rollback the revision before is the one that is gone back to. */
  serverSideApply?: ServerSideApply;
  /** Deletes what the action created when it fails. */
  cleanupOnFail?: boolean;
  /** How many revisions are kept; 0, the default, keeps all. */
  maxHistory?: number;
}

/** For calls that take a signal. */
export function signalOf({ signal }: ReleaseContext): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}
