import { type Layer, layers, type Package, type SourceFile } from './source-files.ts';

/** Arrows inside a layer; everything else inside a layer is refused. The order in base and model is written out too. */
const insideLayer: Readonly<Record<string, readonly string[]>> = {
  '@flux/yaml': ['@flux/errors', '@flux/gotypes'],
  '@flux/gotypes': ['@flux/errors'],
  '@flux/semver': ['@flux/errors'],
  '@flux/regexp': ['@flux/errors'],
  '@flux/cel': ['@flux/errors', '@flux/semver', '@flux/regexp', '@flux/gotypes'],
  '@flux/fs': ['@flux/errors', '@flux/regexp'],
  '@flux/http': ['@flux/errors', '@flux/fs', '@flux/crypto'],
  '@flux/crypto': ['@flux/errors'],
  '@flux/builtin': ['@flux/apimachinery'],
  '@flux/api': ['@flux/apimachinery'],
  '@flux/sprig': ['@flux/gotemplate'],
  '@flux/helm': ['@flux/gotemplate', '@flux/sprig'],
  '@flux/ssa': ['@flux/client'],
  '@flux/runtime': ['@flux/client'],
};

/** Which layers each layer may import from, itself aside. */
const below: Readonly<Record<Layer, readonly Layer[]>> = {
  base: [],
  model: ['base'],
  engines: ['model', 'base'],
  kube: ['model', 'base'],
  controllers: ['kube', 'engines', 'model', 'base'],
  apps: ['controllers', 'kube', 'engines', 'model', 'base'],
  tools: layers,
};

/** The command line starts the manager process; besides it nothing imports an app. */
const appArrows: Readonly<Record<string, readonly string[]>> = { '@flux/flux': ['@flux/manager'] };
const serverUsers = new Set(['@flux/manager']);

/** Imports that break the layer table of ARCHITECTURE.md, as `file:line: reason`. */
export function checkLayers(packages: readonly Package[], files: readonly SourceFile[]): string[] {
  const byName = new Map(packages.map((pkg) => [pkg.name, pkg]));
  const byFolder = new Map(packages.map((pkg) => [pkg.folder, pkg]));
  return files.flatMap((file) =>
    file.imports.flatMap(({ specifier, line }) => {
      const from = byFolder.get(file.folder)!;
      const reason = specifier.startsWith('.')
        ? refuseRelative(specifier)
        : refusePackage(from, specifier, byName, file.isTest);
      return reason ? [`${file.path}:${line}: ${reason}`] : [];
    }),
  );
}

function refuseRelative(specifier: string): string | undefined {
  if (!/\.(ts|mjs|json)$/.test(specifier)) return `relative import '${specifier}' needs its extension`;
  if (specifier.startsWith('../../')) return `relative import '${specifier}' climbs more than one folder`;
  return undefined;
}

function refusePackage(
  from: Package,
  specifier: string,
  byName: ReadonlyMap<string, Package>,
  isTest: boolean,
): string | undefined {
  if (specifier.startsWith('node:')) return undefined;
  const name = packageName(specifier);
  const to = byName.get(name);
  if (to === undefined || isTest) return undefined;
  if (name === '@flux/apiserver' && from.layer !== 'tools' && !serverUsers.has(from.name)) {
    return 'only apps/manager and tools may import @flux/apiserver';
  }
  if (to.layer === from.layer) {
    if (from.layer === 'tools' || to.name === from.name) return undefined;
    const allowed = insideLayer[from.name] ?? appArrows[from.name] ?? [];
    return allowed.includes(name) ? undefined : `${from.name} may not import ${name} of its own layer`;
  }
  return below[from.layer].includes(to.layer) ? undefined : `${from.layer} may not import ${to.layer} (${name})`;
}

/** Imports of packages that package.json does not declare, and packages of the workspace that it declares for nothing. */
export function checkDeclared(packages: readonly Package[], files: readonly SourceFile[]): string[] {
  return packages.flatMap((pkg) => {
    const own = files.filter(({ folder }) => folder === pkg.folder);
    const imported = new Set(own.flatMap(({ imports }) => imports.map(({ specifier }) => packageName(specifier))));
    const unused = pkg.dependencies.filter((name) => name.startsWith('@flux/') && !imported.has(name));
    return [
      ...own.flatMap((file) => findUndeclared(file, pkg)),
      ...unused.map((name) => `${pkg.folder}/package.json: ${name} is imported nowhere`),
    ];
  });
}

const shared = new Set(['vitest', 'fast-check', 'typescript', 'esbuild', '@biomejs/biome']);

function findUndeclared(file: SourceFile, pkg: Package): string[] {
  if (file.isTest) return [];
  return file.imports.flatMap(({ specifier, line }) => {
    if (specifier.startsWith('.') || specifier.startsWith('node:')) return [];
    const name = packageName(specifier);
    if (shared.has(name) || name === pkg.name || pkg.dependencies.includes(name)) return [];
    return [`${file.path}:${line}: ${name} is not a dependency in ${pkg.folder}/package.json`];
  });
}

/** `@flux/apimachinery/object` belongs to `@flux/apimachinery`. */
function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
