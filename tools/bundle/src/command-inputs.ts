import { join } from 'node:path';
import type { Metafile } from 'esbuild';

type Inputs = Metafile['inputs'];

const entry = 'apps/flux/src/main.ts';
const table = 'apps/flux/src/root.ts';

/**
 * The files that a run of each top-level command can load, so that the start need not look at those of the others; `all` is
 * for everything else, such as help.
 */
export function commandInputs(inputs: Inputs, tableText: string): Map<string, ReadonlySet<string>> {
  const modules = commandModules(tableText);
  const others = new Set(modules.values());
  const shared = reachable(inputs, entry, (from, to) => from === table && others.has(to));
  const found = new Map([['all', reachable(inputs, entry)]]);
  // the version is printed before anything else is loaded
  found.set('--version', reachable(inputs, entry, undefined, ['import-statement']));
  for (const [name, module] of modules) found.set(name, new Set([...shared, ...reachable(inputs, module)]));
  return found;
}

/** `{ name: 'build', …, load: … import('./commands/build.ts') … }` in the table of commands. */
function commandModules(text: string): Map<string, string> {
  const entries = text.matchAll(/\bname: '([\w-]+)',[^{}]*?\bimport\('(\.\/[^']+)'\)/g);
  return new Map([...entries].map(([, name = '', path = '']) => [name, join('apps/flux/src', path)] as const));
}

function reachable(
  inputs: Inputs,
  start: string,
  isLeftOut: (from: string, to: string) => boolean = () => false,
  kinds: readonly string[] = ['import-statement', 'dynamic-import', 'require-call', 'require-resolve'],
): ReadonlySet<string> {
  const found = new Set([start]);
  for (const from of found) {
    for (const { path, kind } of inputs[from]?.imports ?? []) {
      if (inputs[path] !== undefined && kinds.includes(kind) && !isLeftOut(from, path)) found.add(path);
    }
  }
  return found;
}
