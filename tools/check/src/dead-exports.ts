import { type Package, resolveRelative, type SourceFile } from './source-files.ts';

/** Types are left out: the one that names an exported function's argument documents it, imported or not. */
const declaration = /^export\s+(?:async\s+)?(?:abstract\s+)?(?:function\*?|const|let|class)\s+(\w+)/gm;
const list = /^export\s+(?:type\s+)?\{([^}]*)\}\s*(?:;|$)/gm;

/**
 * Exports of a file that no other file of the workspace names. A package's `index.ts` is its public surface: what it
 * exports counts as used, but what it takes from its own files is traced.
 */
export function checkDeadExports(packages: readonly Package[], files: readonly SourceFile[]): string[] {
  const used = new Map<string, Set<string>>();
  const use = (path: string, names: readonly string[]) => {
    const set = used.get(path) ?? new Set<string>();
    for (const name of names) set.add(name);
    used.set(path, set);
  };
  for (const file of files) {
    for (const { specifier, names } of file.imports) {
      if (specifier.startsWith('.')) use(resolveRelative(file.path, specifier), names);
    }
  }
  const entries = new Set(packages.map(({ folder }) => `${folder}/src/index.ts`));
  return files.flatMap((file) => {
    if (file.isTest || entries.has(file.path)) return [];
    const names = used.get(file.path);
    if (names?.has('*')) return [];
    return exportsOf(file.text)
      .filter((name) => !names?.has(name))
      .map((name) => `${file.path}: export ${name} is used nowhere`);
  });
}

function exportsOf(text: string): string[] {
  const names = [...text.matchAll(declaration)].map((match) => match[1]!);
  for (const match of text.matchAll(list)) {
    for (const part of match[1]!.split(',')) {
      const name = part
        .trim()
        .replace(/^type\s+/, '')
        .split(/\s+as\s+/)
        .at(-1)!;
      if (name) names.push(name);
    }
  }
  return names;
}
