import { type Kustomization, kustomization } from '@flux/api';
import { formatDuration } from '@flux/gotypes';
import {
  type Change,
  type Controller,
  defineController,
  fanOutWatches,
  type ObjectView,
  readyFrame,
  type Watch,
} from '@flux/runtime';
import { ApplyMemory } from '@flux/ssa';
import { ArtifactCache } from '../artifacts/artifact-cache.ts';
import { createBuildCache } from '../build/build-cache.ts';
import { BuildPool } from '../build/build-pool.ts';
import { cleanup } from './cleanup.ts';
import type { KustomizationRun, KustomizeDeps } from './deps.ts';
import { indexes, keysForConfig, keysForDependency, keysForSource } from './fan-out.ts';
import { reconcile } from './reconcile.ts';
import { defaultSettings, type KustomizeSettings } from './settings.ts';
import { revisionMetadata, sourceApiVersion } from './steps/resolve-source.ts';
import { formatElapsed, intervalMs, retryMs } from './timing.ts';

/** The controller of Kustomizations; dispose it after the controllers have stopped, to remove fetched artifacts. */
export type KustomizationController = Controller & AsyncDisposable;

/** Makes the controller for `startControllers`; nothing runs before. */
export function kustomizationController(options: Partial<KustomizeSettings> = {}): KustomizationController {
  const settings = { ...defaultSettings, ...options };
  const builds = new BuildPool(settings);
  const artifacts = new ArtifactCache({ retries: settings.httpRetries });
  const deps: KustomizeDeps = {
    settings,
    fetch: (artifact, signal) => artifacts.fetch(artifact, signal),
    build: (input) => builds.build(input),
    builds: createBuildCache(settings.buildCacheBytes),
    attempts: new Map(),
    memory: new ApplyMemory(),
  };
  const controller = defineController<Kustomization, KustomizeDeps>({
    name: 'kustomize-controller',
    kind: { apiVersion: kustomization.apiVersion, kind: kustomization.kind },
    frame: readyFrame({ ownedConditions: ['Ready', 'Reconciling', 'Stalled', 'Healthy'] }),
    fieldManager: 'gotk-kustomize-controller',
    concurrency: settings.concurrency,
    deps,
    indexes,
    watches: watchesOf(deps),
    reconcile,
    cleanup,
    interval: intervalMs,
    defaultRetry: (object) => ({ afterMs: retryMs(object) }),
    unexpectedReason: 'ReconciliationFailed',
    finished: reportSuccess,
  });
  return { ...controller, [Symbol.asyncDispose]: () => artifacts[Symbol.asyncDispose]() };
}

const sourceKinds = ['GitRepository', 'OCIRepository', 'Bucket'];

/** What queues Kustomizations besides themselves (KUS-FLOW-11). */
function watchesOf({ settings, attempts }: KustomizeDeps): Watch<Kustomization>[] {
  const kinds = [...sourceKinds, ...(settings.allowsExternalArtifact ? ['ExternalArtifact'] : [])];
  const { configSelector } = settings;
  return [
    ...kinds.map((source) => ({
      kind: { apiVersion: sourceApiVersion, kind: source },
      mapToKeys: (change: Change, own: ObjectView<Kustomization>) => keysForSource(change, own, attempts),
    })),
    ...fanOutWatches<Kustomization>(kustomization, {
      configSelector,
      dependency: (change, own) => keysForDependency(change, own, attempts),
      config: keysForConfig,
    }),
  ];
}

/** KUS-EVT-04: after every pass that leaves the object Ready, the one that deletes it included. */
function reportSuccess(run: KustomizationRun, outcome: { type: string }): void {
  const { object, conditions } = run;
  if (outcome.type !== 'done' && outcome.type !== 'deleted') return;
  if (!conditions.isTrue('Ready') || object.spec.suspend) return;
  const { lastAppliedRevision = '', lastAppliedOriginRevision } = object.status ?? {};
  const elapsed = formatElapsed(run.startedAt, run.now());
  run.event({
    type: 'Normal',
    message: `Reconciliation finished in ${elapsed}, next run in ${formatDuration(intervalMs(object))}`,
    metadata: {
      ...revisionMetadata(lastAppliedRevision, lastAppliedOriginRevision),
      'kustomize.toolkit.fluxcd.io/commit_status': 'update',
    },
  });
}
