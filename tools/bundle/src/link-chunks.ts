import { build, type Metafile, type Plugin } from 'esbuild';
import { toFunction } from './to-function.ts';

export interface LinkedChunks {
  /** The chunks in it. */
  readonly names: readonly string[];
  readonly code: string;
}

type Outputs = Metafile['outputs'];

const entry = 'linked-chunks';

/**
 * Makes one script of chunks and all that they import. Loading one takes less time than loading each, and what they import
 * of each other are variables of one scope and no properties. `chunk(name)` gives what a chunk in it exports, for chunks
 * outside. They run in the order of their names here.
 */
export async function linkChunks(
  texts: ReadonlyMap<string, string>,
  outputs: Outputs,
  names: readonly string[],
): Promise<LinkedChunks> {
  const linked = withImports(outputs, names);
  const result = await build({
    entryPoints: [entry],
    outdir: 'out',
    write: false,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [readFrom(new Map([...texts, [entry, entryText(linked, names, outputs)]]))],
  });
  return { names: linked, code: await toFunction(result.outputFiles[0]?.text ?? '') };
}

function withImports(outputs: Outputs, names: readonly string[]): string[] {
  const found = new Set(names.map((name) => `out/${name}`));
  for (const path of found) {
    for (const { path: imported, kind, external } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement' && !external) found.add(imported);
    }
  }
  return [...found].map((path) => path.slice('out/'.length));
}

function entryText(linked: readonly string[], order: readonly string[], outputs: Outputs): string {
  const lines = order.map((name) => `import './${name}';`);
  const cases: string[] = [];
  for (const [index, name] of linked.entries()) {
    const exported = outputs[`out/${name}`]?.exports ?? [];
    const local = (each: string) => `chunk${index}_${each}`;
    lines.push(`import { ${exported.map((each) => `${each} as ${local(each)}`).join(', ')} } from './${name}';`);
    const getters = exported.map((each) => `get ${each}() { return ${local(each)}; }`);
    cases.push(`case ${JSON.stringify(name)}: return { ${getters.join(', ')} };`);
  }
  // hoisted, because the chunks ask for each other while they run
  return `${lines.join('\n')}\nexport function chunk(name) { switch (name) { ${cases.join('\n')} } }\n`;
}

/** Chunks that are imported late stay imports. */
function readFrom(texts: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'chunks',
    setup(bundler) {
      bundler.onResolve({ filter: /.*/ }, ({ path, kind }) => {
        const name = path.replace(/^\.\//, '');
        const isLinked = kind !== 'dynamic-import' && texts.has(name);
        return isLinked ? { path: name, namespace: 'chunk' } : { path, external: true };
      });
      bundler.onLoad({ filter: /.*/, namespace: 'chunk' }, ({ path }) => ({
        contents: texts.get(path) ?? '',
        loader: 'js',
      }));
    },
  };
}
