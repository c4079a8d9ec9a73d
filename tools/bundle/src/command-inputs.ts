import { join } from 'node:path';
import type { Metafile } from 'esbuild';

type Inputs = Metafile['inputs'];

const sources = 'apps/flux/src';
const entry = `${sources}/main.ts`;
const table = `${sources}/root.ts`;

/** What `start.cjs` must know of a command. */
export interface CommandInputs {
  /** The files to look at before the command starts. */
  readonly now: ReadonlySet<string>;
  /** Files to look at when the command loads something late that is not among `lateEntries`. */
  readonly later: ReadonlySet<string>;
  /** Files that are imported late and whose imports are all in `now`. */
  readonly lateEntries: readonly string[];
}

/**
 * Commands that only read, and nothing from their standard input, may look at what they seldom load when they load it: if it
 * has changed they can still be run again from the sources. The files are those that such a command always loads, one by one.
 */
const readers: Readonly<Record<string, readonly string[]>> = {
  'build chart': ['process.ts', 'commands/build.ts', 'commands/build-chart.ts', 'build/print-chart.ts'],
  'build dir': ['process.ts', 'commands/build.ts', 'commands/build-dir.ts', 'build/print-folder.ts'],
};

/**
 * The files that a run of each top-level command can load, so that the start need not look at those of the others; `all` is
 * for everything else, such as help.
 */
export function commandInputs(inputs: Inputs, tableText: string): Map<string, CommandInputs> {
  const modules = commandModules(tableText);
  const others = new Set(modules.values());
  const shared = reachable(inputs, [entry], (from, to) => from === table && others.has(to));
  const found = new Map([['all', atOnce(reachable(inputs, [entry]))]]);
  // the version is printed before anything else is loaded
  found.set('--version', atOnce(reachable(inputs, [entry], undefined, staticKinds)));
  for (const [name, module] of modules) found.set(name, atOnce(new Set([...shared, ...reachable(inputs, [module])])));
  for (const [name, files] of Object.entries(readers)) {
    const [command = ''] = name.split(' ');
    const lateEntries = files.map((file) => `${sources}/${file}`);
    const everything = found.get(command)?.now;
    if (everything === undefined || lateEntries.some((file) => inputs[file] === undefined)) continue;
    const now = reachable(inputs, [entry, ...lateEntries], undefined, staticKinds);
    found.set(name, { now, later: everything, lateEntries });
  }
  return found;
}

function atOnce(now: ReadonlySet<string>): CommandInputs {
  return { now, later: new Set(), lateEntries: [] };
}

/** `{ name: 'build', …, load: … import('./commands/build.ts') … }` in the table of commands. */
function commandModules(text: string): Map<string, string> {
  const entries = text.matchAll(/\bname: '([\w-]+)',[^{}]*?\bimport\('(\.\/[^']+)'\)/g);
  return new Map([...entries].map(([, name = '', path = '']) => [name, join(sources, path)] as const));
}

const staticKinds = ['import-statement', 'require-call', 'require-resolve'];

function reachable(
  inputs: Inputs,
  starts: readonly string[],
  isLeftOut: (from: string, to: string) => boolean = () => false,
  kinds: readonly string[] = [...staticKinds, 'dynamic-import'],
): ReadonlySet<string> {
  const found = new Set(starts);
  for (const from of found) {
    for (const { path, kind } of inputs[from]?.imports ?? []) {
      if (inputs[path] !== undefined && kinds.includes(kind) && !isLeftOut(from, path)) found.add(path);
    }
  }
  return found;
}
