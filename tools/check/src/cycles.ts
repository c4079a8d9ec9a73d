import { resolveRelative, type SourceFile } from './source-files.ts';

/** Import cycles between the files of a package, each as `a.ts -> b.ts -> a.ts`; type-only imports count too. */
export function checkCycles(files: readonly SourceFile[]): string[] {
  const edges = new Map<string, string[]>();
  for (const file of files) {
    const targets = file.imports.filter(({ specifier }) => specifier.startsWith('.'));
    edges.set(
      file.path,
      targets.map(({ specifier }) => resolveRelative(file.path, specifier)),
    );
  }
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const visit = (path: string, trail: string[]): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
      return;
    }
    state.set(path, 'open');
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    state.set(path, 'done');
  };
  for (const path of edges.keys()) visit(path, []);
  return cycles;
}
