/**
 * Processes: `startManager` runs a set of controllers against any cluster, `runManager` is `flux manager`, and `runUp` is
 * `flux up`, which brings its own API server and Git server. Start with `start-manager.ts`.
 */
export { type ControllerName, controllerNames } from './controller-names.ts';
export type { ManagerOptions } from './options.ts';
export { type RunManagerOptions, runManager } from './run-manager.ts';
export { startManager } from './start-manager.ts';
export { locateDataDirectory } from './up/data-directory.ts';
export type { DownOptions, UpOptions } from './up/options.ts';
export { rewriterOf } from './up/rewrite-url.ts';
export { runDown } from './up/run-down.ts';
export { runUp } from './up/run-up.ts';
export { openStoppedCluster } from './up/stopped-cluster.ts';
