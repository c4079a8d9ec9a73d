import type { KubeObject } from '@flux/apimachinery';
import { startLoop } from './controller-loop.ts';
import type { ControllerDefinition } from './definition.ts';
import type { ControllerHost, RunningController } from './host.ts';
import type { KindRef } from './watch-cache.ts';

/** A controller, ready for `startControllers`. */
export interface Controller {
  readonly name: string;
  readonly kind: KindRef;
  /** Called by `startControllers`. */
  start(host: ControllerHost): Promise<RunningController>;
}

/** Binds a definition; nothing runs before `startControllers`. */
export function defineController<T extends KubeObject, Deps>(definition: ControllerDefinition<T, Deps>): Controller {
  return {
    name: definition.name,
    kind: definition.kind,
    start: (host) => startLoop(definition, host),
  };
}
