import { helmReleaseController } from '@flux/helm-controller';
import { kustomizationController } from '@flux/kustomize-controller';
import { type Controller, type RunningControllers, startControllers } from '@flux/runtime';
import { type ControllerName, controllerNames } from './controller-names.ts';
import type { ManagerOptions } from './options.ts';
import { sourceControllers } from './source-controllers.ts';

/** Starts the controllers in this process; they work once this process leads. Stop it with `stop()` or the signal. */
export async function startManager(options: ManagerOptions): Promise<RunningControllers> {
  const wanted = options.controllers ?? controllerNames;
  return startControllers(
    wanted.map((name) => makers[name](options)),
    options,
  );
}

const makers: Readonly<Record<ControllerName, (options: ManagerOptions) => Controller>> = {
  'source-controller': sourceControllers,
  'kustomize-controller': (options) => {
    const controller = kustomizationController(withoutZeroes(options.kustomize ?? {}));
    return stoppingWith(controller, () => controller[Symbol.asyncDispose]());
  },
  'helm-controller': (options) => {
    const controller = helmReleaseController(withoutZeroes(options.helm ?? {}));
    return stoppingWith(controller, () => controller[Symbol.asyncDispose]());
  },
};

/** `--concurrent 0` on the command line means the controller's own default. */
function withoutZeroes<T extends { concurrency?: number }>(settings: T): T | Omit<T, 'concurrency'> {
  const { concurrency, ...rest } = settings;
  return concurrency ? settings : rest;
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
