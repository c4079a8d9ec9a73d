import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..', '..', '..');
export const layers = ['base', 'model', 'engines', 'kube', 'controllers', 'apps', 'tools'] as const;
export type Layer = (typeof layers)[number];

export interface Import {
  /** As written: `./x.ts`, `@flux/yaml`, `node:fs`. */
  specifier: string;
  /** Names taken; `*` for a namespace or dynamic import, none for a side effect. */
  names: string[];
  line: number;
}

export interface SourceFile {
  /** Relative to the root, with forward slashes. */
  path: string;
  /** `kube/client`. */
  folder: string;
  layer: Layer;
  text: string;
  imports: Import[];
  isTest: boolean;
}

export interface Package {
  /** `@flux/client`. */
  name: string;
  folder: string;
  layer: Layer;
  dependencies: string[];
}

/** All packages of the workspace. */
export function listPackages(): Package[] {
  return layers.flatMap((layer) =>
    readdirSync(join(root, layer), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => {
        const folder = `${layer}/${entry.name}`;
        const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
        return { name: manifest.name, folder, layer, dependencies: Object.keys(manifest.dependencies ?? {}) };
      }),
  );
}

/** Every TypeScript file below the packages' `src`, with its imports. */
export function listSourceFiles(packages: readonly Package[]): SourceFile[] {
  return packages.flatMap(({ folder, layer }) =>
    walk(join(root, folder, 'src')).map((file) => {
      const text = readFileSync(file, 'utf8');
      const path = relative(root, file);
      return { path, folder, layer, text, imports: parseImports(text), isTest: /\.test\.ts$/.test(path) };
    }),
  );
}

function walk(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === 'testdata' ? [] : walk(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

const statement = /^\s*(?:import|export)\s+(?:type\s+)?([^'";]*?)\s*from\s*'([^']+)'|^\s*import\s+'([^']+)'/gm;
const dynamic = /\bimport\(\s*'([^']+)'\s*\)|\bimport\('([^']+)'\)\./g;

function parseImports(text: string): Import[] {
  const found: Import[] = [];
  for (const match of text.matchAll(statement)) {
    const line = text.slice(0, match.index).split('\n').length;
    found.push({ specifier: (match[2] ?? match[3])!, names: parseNames(match[1] ?? ''), line });
  }
  for (const match of text.matchAll(dynamic)) {
    const line = text.slice(0, match.index).split('\n').length;
    found.push({ specifier: (match[1] ?? match[2])!, names: ['*'], line });
  }
  return found;
}

function parseNames(clause: string): string[] {
  const names: string[] = [];
  const braces = /\{([^}]*)\}/.exec(clause)?.[1];
  for (const part of braces?.split(',') ?? []) {
    const name = part
      .trim()
      .replace(/^type\s+/, '')
      .split(/\s+as\s+/)[0]!;
    if (name) names.push(name);
  }
  const rest = clause.replace(/\{[^}]*\}/, '');
  if (rest.includes('*')) names.push('*');
  else if (/\w/.test(rest)) names.push('default');
  return names;
}

/** The file that a relative import means, relative to the root. */
export function resolveRelative(from: string, specifier: string): string {
  return join(dirname(from), specifier);
}
