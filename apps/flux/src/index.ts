/**
 * The command line: `main.ts` is the process, `run.ts` runs one command line in any surroundings, `root.ts` lists the
 * commands. A verb is mounted for every kind that names it (`verbs/`); commands without a kind are in `commands/`.
 */
export type { CommandNode, ResolvedCommand } from './command/command.ts';
export { commandPath, findCommand } from './command/find-command.ts';
export { formatHelp } from './command/help.ts';
export { root } from './root.ts';
export { type Invocation, runFlux } from './run.ts';
