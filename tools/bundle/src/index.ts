/**
 * The bundle that the command line starts from, so that a start does not strip and resolve hundreds of sources. Start
 * with `write-bundle.ts`; `apps/flux/start.cjs` checks and loads what it writes.
 */
export { warmUp } from './warm-up.ts';
export { writeBundle } from './write-bundle.ts';
