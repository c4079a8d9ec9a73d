import { gitRepository } from '@flux/api';
import type { Controller, ControllerHost, RunningController } from '@flux/runtime';
import {
  ArtifactStorage,
  gitRepositoryController,
  helmChartController,
  helmRepositoryController,
  IndexCache,
  indexCacheMetrics,
  serveFiles,
} from '@flux/source-controller';
import type { ManagerOptions } from './options.ts';

/** All kinds of sources. Only the leader serves artifacts, so the file server starts and stops with them (SRC-CTL-23). */
export function sourceControllers(options: ManagerOptions): Controller {
  return {
    name: 'source-controller',
    kind: { apiVersion: gitRepository.apiVersion, kind: gitRepository.kind },
    start: (host) => startAll(options, host),
  };
}

async function startAll(options: ManagerOptions, host: ControllerHost): Promise<RunningController> {
  const { storagePath, storageAddress, storageAdvertisedAddress = '', source = {} } = options;
  await using stack = new AsyncDisposableStack();
  const { retention, digestAlgorithm } = source;
  const storage = new ArtifactStorage({
    root: storagePath,
    advertisedAddress: storageAdvertisedAddress,
    ...(retention ? { retention } : {}),
    ...(digestAlgorithm ? { digestAlgorithm } : {}),
  });
  const server = stack.use(await serveFiles({ root: storagePath, ...parseAddress(storageAddress) }));
  if (storageAdvertisedAddress === '') storage.advertise(`${advertisedHost(server.host)}:${server.port}`);
  const indexes = new IndexCache({ ...source.indexCache, observer: indexCacheMetrics(host.metrics) });
  const purging = setInterval(() => indexes.purge(), source.indexCachePurgeMs ?? 60_000).unref();
  stack.defer(() => clearInterval(purging));
  const controllers = makeControllers(options, storage, indexes);
  const running = await Promise.all(controllers.map((controller) => controller.start(host)));
  const started = stack.move();
  return {
    name: 'source-controller',
    async stop() {
      await Promise.all(running.map((controller) => controller.stop()));
      await started.disposeAsync();
    },
  };
}

function makeControllers(options: ManagerOptions, storage: ArtifactStorage, indexes: IndexCache): Controller[] {
  const { rewriteUrl, source = {} } = options;
  const { requeueDependencyMs, concurrency, limits = {} } = source;
  const common = {
    storage,
    ...(rewriteUrl ? { rewriteUrl } : {}),
    ...(concurrency ? { concurrency } : {}),
  };
  const { maxIndexBytes } = limits;
  return [
    gitRepositoryController({ ...common, ...(requeueDependencyMs === undefined ? {} : { requeueDependencyMs }) }),
    helmRepositoryController({ ...common, indexes, ...(maxIndexBytes ? { maxIndexBytes } : {}) }),
    helmChartController({ ...common, indexes, ...limits }),
  ];
}

/** `:9090` and `127.0.0.1:9090` alike. */
function parseAddress(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) };
}

/** What listens everywhere is reached by name (SRC-FLAG-02). */
function advertisedHost(host: string): string {
  return host === '0.0.0.0' || host === '::' ? (process.env['HOSTNAME'] ?? 'localhost') : host;
}
