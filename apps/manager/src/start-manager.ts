import { type KustomizeSettings, kustomizationController } from '@flux/kustomize-controller';
import { type Controller, type RunningControllers, startControllers } from '@flux/runtime';
import { ArtifactStorage, gitRepositoryController, serveFiles } from '@flux/source-controller';
import { type ControllerName, controllerNames } from './controller-names.ts';
import type { ManagerOptions } from './options.ts';

/** Starts the controllers in this process; they work once this process leads. Stop it with `stop()` or the signal. */
export async function startManager(options: ManagerOptions): Promise<RunningControllers> {
  const wanted = options.controllers ?? controllerNames;
  return startControllers(
    wanted.map((name) => makers[name](options)),
    options,
  );
}

const makers: Readonly<Record<ControllerName, (options: ManagerOptions) => Controller>> = {
  'source-controller': sourceController,
  'kustomize-controller': (options) => {
    const controller = kustomizationController(withoutZeroes(options.kustomize ?? {}));
    return stoppingWith(controller, () => controller[Symbol.asyncDispose]());
  },
};

/** `--concurrent 0` on the command line means the controller's own default. */
function withoutZeroes(settings: Partial<KustomizeSettings>): Partial<KustomizeSettings> {
  const { concurrency, ...rest } = settings;
  return concurrency ? settings : rest;
}

/** Only the leader serves artifacts, so the file server starts and stops with the controller (SRC-CTL-23). */
function sourceController(options: ManagerOptions): Controller {
  const { storagePath, storageAddress, storageAdvertisedAddress = '', rewriteUrl } = options;
  const storage = new ArtifactStorage({ root: storagePath, advertisedAddress: storageAdvertisedAddress });
  const requeueDependencyMs = options.kustomize?.requeueDependencyMs;
  const concurrency = options.kustomize?.concurrency;
  const controller = gitRepositoryController({
    storage,
    ...(rewriteUrl ? { rewriteUrl } : {}),
    ...(concurrency ? { concurrency } : {}),
    ...(requeueDependencyMs === undefined ? {} : { requeueDependencyMs }),
  });
  return {
    ...controller,
    async start(host) {
      const server = await serveFiles({ root: storagePath, ...parseAddress(storageAddress) });
      if (storageAdvertisedAddress === '') storage.advertise(`${advertisedHost(server.host)}:${server.port}`);
      const running = await controller.start(host);
      return {
        name: running.name,
        stop: async () => {
          await running.stop();
          await server.close();
        },
      };
    },
  };
}

function stoppingWith(controller: Controller, dispose: () => PromiseLike<void>): Controller {
  return {
    ...controller,
    async start(host) {
      const running = await controller.start(host);
      return {
        name: running.name,
        stop: async () => {
          await running.stop();
          await dispose();
        },
      };
    },
  };
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
