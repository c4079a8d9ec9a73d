import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { build, type Metafile, type OnLoadResult, type Plugin } from 'esbuild';
import { type LinkedChunks, linkChunks } from './link-chunks.ts';
import { OwnSource } from './own-source.ts';
import { toFunction } from './to-function.ts';

export interface Chunks {
  /** File name to code, each a function in the form that `apps/flux/start.cjs` calls. */
  readonly code: ReadonlyMap<string, string>;
  /** The chunk to start with. */
  readonly main: string;
  /** The chunks of packages that are required when they are first used. */
  readonly packages: Readonly<Record<string, string>>;
  /** Chunks that stand for a CommonJS package: its exports are their default export. */
  readonly commonJs: readonly string[];
  /** Makes one script of the main chunk, those that stand for the given source files, and all that these import. */
  link(files: readonly string[]): Promise<LinkedChunks>;
  readonly inputs: Metafile['inputs'];
  /** Files of ours that were read besides the inputs, relative to the root. */
  readonly consulted: readonly string[];
}

/** Packages that a source brings in by a `require` of its own, so that they are loaded late and at once. */
const lateRequired = ['re2js', '@marcbachmann/cel-js'];

/**
 * Bundles the command line into chunks that are loaded when they are needed. They are CommonJS, because Node reads,
 * compiles and links those many times faster than ES modules.
 */
export async function makeChunks(root: string, entry: string): Promise<Chunks> {
  const sources = new OwnSource(root);
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry, ...lateRequired.filter((name) => existsSync(join(root, 'node_modules', name)))],
    outdir: 'out',
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'silent',
    metafile: true,
    plugins: [readThrough(sources)],
  });
  const { inputs, outputs } = result.metafile;
  const texts = new Map(result.outputFiles.map(({ path, text }) => [baseName(path), text] as const));
  const code = new Map<string, string>();
  for (const [name, text] of texts) code.set(name, await toFunction(text));
  const entries = new Map(
    Object.entries(outputs).flatMap(([path, { entryPoint }]) =>
      entryPoint ? [[entryPoint, baseName(path)] as const] : [],
    ),
  );
  const main = entries.get(relative(root, entry)) ?? '';
  const packages: Record<string, string> = {};
  for (const name of lateRequired) {
    packages[name] = [...entries].find(([path]) => path.startsWith(`node_modules/${name}/`))?.[1] ?? '';
  }
  const commonJs = [...entries].filter(([path]) => inputs[path]?.format === 'cjs').map(([, chunk]) => chunk);
  const consulted = [...sources.reexporters].map((file) => relative(root, file));
  const link = (files: readonly string[]) =>
    linkChunks(texts, outputs, [...files.map((file) => entries.get(file) ?? ''), main]);
  return { code, main, packages, commonJs, inputs, consulted, link };
}

/** Reads our own files through `OwnSource`; they do nothing when they are imported, so unused ones are left out. */
function readThrough(sources: OwnSource): Plugin {
  const isForeign = (path: string) => path.includes('/node_modules/');
  return {
    name: 'own-sources',
    setup(bundler) {
      bundler.onLoad({ filter: /\.ts$/ }, ({ path }) =>
        isForeign(path) ? undefined : { contents: sources.read(path), loader: 'ts', resolveDir: dirname(path) },
      );
      bundler.onLoad({ filter: /node_modules\/.*\.c?js$/ }, ({ path }) => locatePackageFile(path));
      bundler.onResolve(
        { filter: /^(@flux\/|\.\.?\/|\/)/ },
        async ({ path, kind, importer, resolveDir, pluginData }) => {
          if (pluginData === 'resolving' || isForeign(importer) || kind === 'entry-point') return undefined;
          const found = await bundler.resolve(path, { kind, importer, resolveDir, pluginData: 'resolving' });
          return { ...found, pluginData: undefined, sideEffects: isForeign(found.path) && found.sideEffects };
        },
      );
    },
  };
}

/** Packages find files of their own where they are installed. */
async function locatePackageFile(path: string): Promise<OnLoadResult | undefined> {
  const text = await readFile(path, 'utf8');
  if (!/\b__(dirname|filename)\b/.test(text) || /\b(const|let|var) __(dirname|filename)\b/.test(text)) return undefined;
  const contents = text.replaceAll(/\b__(dirname|filename)\b/g, (_, name) =>
    JSON.stringify(name === 'dirname' ? dirname(path) : path),
  );
  return { contents, loader: 'js', resolveDir: dirname(path) };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
