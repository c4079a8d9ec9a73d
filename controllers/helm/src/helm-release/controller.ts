import { findKind, type HelmRelease, helmRelease } from '@flux/api';
import { ServiceAccountTokens } from '@flux/client';
import {
  type Change,
  type Controller,
  defineController,
  fanOutWatches,
  type ObjectView,
  type Watch,
} from '@flux/runtime';
import { ApplyMemory } from '@flux/ssa';
import { ChartCache } from '../charts/chart-cache.ts';
import { ClusterFacts } from './actions/cluster-facts.ts';
import { cleanup } from './cleanup.ts';
import type { HelmDeps } from './deps.ts';
import { indexes, keysForConfig, keysForDependency, keysForSource, keysWaitingForChart } from './fan-out.ts';
import { helmFrame } from './frame.ts';
import { intervalMsOf } from './policy.ts';
import { reconcile } from './reconcile.ts';
import { defaultSettings, type HelmSettings } from './settings.ts';
import { SettledReleases } from './settled-releases.ts';
import { sourceApiVersion } from './steps/resolve-source.ts';

/** The controller of HelmReleases; dispose it after the controllers have stopped. */
export type HelmReleaseController = Controller & AsyncDisposable;

/** Makes the controller for `startControllers`; nothing runs before. */
export function helmReleaseController(options: Partial<HelmSettings> = {}): HelmReleaseController {
  const settings = { ...defaultSettings, ...options };
  const { httpRetries: retries, httpTimeoutMs: timeoutMs, chartCacheBytes: maxBytes } = settings;
  const charts = new ChartCache({ retries, timeoutMs, maxBytes });
  const deps: HelmDeps = {
    settings,
    loadChart: (artifact, signal) => charts.load(artifact, signal),
    attempts: new Map(),
    tokens: new ServiceAccountTokens(settings.tokenCache),
    facts: new ClusterFacts(),
    charts: new Map(),
    settled: new SettledReleases(),
    memory: new ApplyMemory(),
  };
  const controller = defineController<HelmRelease, HelmDeps>({
    name: 'helm-controller',
    kind: { apiVersion: helmRelease.apiVersion, kind: helmRelease.kind },
    frame: helmFrame,
    fieldManager: 'helm-controller',
    concurrency: settings.concurrency,
    deps,
    indexes,
    watches: watchesOf(deps),
    reconcile,
    cleanup,
    interval: intervalMsOf,
  });
  return {
    ...controller,
    [Symbol.asyncDispose]: async () => {
      deps.settled[Symbol.dispose]();
      await charts[Symbol.asyncDispose]();
    },
  };
}

/** What queues HelmReleases besides themselves (HELM-FLOW-15). Kinds of sources that do not exist yet are not watched. */
function watchesOf({ settings, attempts, charts }: HelmDeps): Watch<HelmRelease>[] {
  const sources = ['HelmChart', 'OCIRepository', ...(settings.allowsExternalArtifact ? ['ExternalArtifact'] : [])]
    .map((kind) => ({ apiVersion: sourceApiVersion, kind }))
    .filter((kind) => findKind(kind) !== undefined);
  const { configSelector } = settings;
  return [
    ...sources.map((source) => ({
      kind: source,
      replay: false,
      mapToKeys: (change: Change, own: ObjectView<HelmRelease>) => [
        ...keysForSource(change, own, attempts),
        ...keysWaitingForChart(change, own, charts),
      ],
    })),
    ...fanOutWatches<HelmRelease>(helmRelease, {
      configSelector,
      dependency: (change, own) => keysForDependency(change, own, attempts),
      config: keysForConfig,
    }),
  ];
}
